"""What a worker executes: queues, timers, and how a process joins in."""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from service.catalog import telling as certificates
from service.comparisons import actions as comparisons
from service.events import checkpoints
from service.kernel import jobs
from service.kernel.db import Database
from service.kernel.secrecy import vault
from service.listings import actions as listings
from service.notices import actions as notices
from service.notices import sending
from service.orders import timers as orders
from service.oversight import actions as log_checks
from service.privacy import retention
from service.procedure import timers as rounds
from service.recovery import mail as recovery
from service.recurring import timers as recurring
from service.results import workflow as replays
from service.rounds import invitations, runs, workflow
from service.tries import windows as tries
from service.web import answers

log = structlog.get_logger()
LETTERS = {notices.QUEUES[False]: 3, notices.QUEUES[True]: 2}  # that one worker sends at the same time
AT_ONCE = 1  # rounds that one worker solves at the same time; each solves its scenarios in parallel
EVERY_MINUTE = "0 * * * * *"
EVERY_NIGHT = "0 15 20 * * *"  # a quarter past three in Bangkok
EVERY_MORNING = "0 30 0 * * *"  # half past seven in Bangkok
EVERY_HOUR = "0 7 * * * *"


@jobs.workflow("round_timer")
def move_rounds(scheduled: datetime, context: Any) -> None:
    """Rounds that are due open and close; no step of its own, for a step may not start the runs of what it closes."""
    del scheduled, context
    database = jobs.runtime().database
    rounds.run_due(database)
    sweep_rounds(database)


def sweep_rounds(database: Database) -> None:
    """Runs and replays that wait."""
    workflow.sweep(database)
    replays.sweep(database)


@jobs.workflow("answer_timer")
def expire_answers(scheduled: datetime, context: Any) -> None:
    """Awards that nobody answered in time expire."""
    del scheduled, context
    expire_due()


def expire_due() -> None:
    """One pass; no step of its own, for a step may not start the re-solves that it queues."""
    orders.run_due(jobs.runtime().database)


@jobs.workflow("listing_timer")
def expire_listings(scheduled: datetime, context: Any) -> None:
    """Listings whose last lot has ended leave the market."""
    del scheduled, context
    expire_ended()


@jobs.step(name="expire_ended")
def expire_ended() -> None:
    """One pass."""
    with jobs.runtime().database.writing() as tx:
        listings.expire(tx)


@jobs.workflow("recurring_timer")
def draft_recurring(scheduled: datetime, context: Any) -> None:
    """Demands that come again are drafted."""
    del scheduled, context
    draft_due()


@jobs.step(name="draft_due")
def draft_due() -> None:
    """One pass; a cycle that was taken is not taken again."""
    recurring.run_due(jobs.runtime().database)


@jobs.workflow("checkpoint_timer")
def sign_log(scheduled: datetime, context: Any) -> None:
    """The end of the event log is signed."""
    del scheduled, context
    sign_end()


@jobs.workflow(checkpoints.WORKFLOW)
def sign_log_now() -> None:
    """The same at once, where something important has just been recorded."""
    sign_end()


@jobs.step(name="sign_end", retries_allowed=True, max_attempts=3, interval_seconds=5.0)
def sign_end() -> None:
    """One checkpoint, in the database and in its folder."""
    runtime = jobs.runtime()
    checkpoints.make(runtime.database, runtime.settings)


@jobs.workflow("forget_timer")
def forget_answers(scheduled: datetime, context: Any) -> None:
    """Answers remembered for repeated calls, links, counted tries and ended workflows are forgotten in time."""
    del scheduled, context
    forget_due()


@jobs.step(name="forget_due")
def forget_due() -> None:
    """One pass."""
    with jobs.runtime().database.writing() as tx:
        answers.forget_old(tx)
        invitations.forget_old(tx)
        tries.forget_old(tx)
    jobs.forget_old()


@jobs.workflow(log_checks.WORKFLOW)
def check_log(check_id: str) -> None:
    """The whole event log is verified on an auditor's wish."""
    try:
        perform_check(check_id)
    except Exception:
        log.exception("verification failed", check=check_id)
        fail_check(check_id)


@jobs.step(name="perform_check")
def perform_check(check_id: str) -> None:
    """Verify and store the verdict."""
    runtime = jobs.runtime()
    log_checks.perform(runtime.database, runtime.settings, UUID(check_id))


@jobs.step(name="fail_check")
def fail_check(check_id: str) -> None:
    """Store that there is no verdict."""
    with jobs.runtime().database.writing() as tx:
        log_checks.fail(tx, UUID(check_id))


@jobs.workflow(comparisons.WORKFLOW)
def compare(comparison_id: str) -> None:
    """A run's market is compared under other preferences."""
    try:
        perform_comparison(comparison_id)
    except Exception as error:
        log.exception("comparison failed", comparison=comparison_id)
        fail_comparison(comparison_id, workflow.last_words(error))


@jobs.step(name="perform_comparison")
def perform_comparison(comparison_id: str) -> None:
    """Solve and store."""
    runtime = jobs.runtime()
    comparisons.perform(runtime.database, runtime.settings, UUID(comparison_id))


@jobs.step(name="fail_comparison")
def fail_comparison(comparison_id: str, failure: str) -> None:
    """Store that there is no result."""
    with jobs.runtime().database.writing() as tx:
        comparisons.fail(tx, UUID(comparison_id), failure)


@jobs.workflow("log_check_timer")
def look_for_checks(scheduled: datetime, context: Any) -> None:
    """What auditors asked for and whose start was lost is started; no step: it may not start another workflow."""
    del scheduled, context
    sweep_asked(jobs.runtime().database)


def sweep_asked(database: Database) -> None:
    """Verifications and comparisons that wait."""
    log_checks.sweep(database)
    comparisons.sweep(database)


@jobs.workflow("retention_timer")
def delete_personal_data(scheduled: datetime, context: Any) -> None:
    """Personal data that has stayed as long as the table on /privacy allows is deleted."""
    del scheduled, context
    delete_due()


@jobs.step(name="delete_due")
def delete_due() -> None:
    """One pass; what failed is tried again the next night."""
    retention.apply(jobs.runtime().database)


@jobs.workflow(notices.WORKFLOW)
def send_notices(programs: bool) -> None:  # noqa: FBT001 - a workflow's arguments have places, not names
    """Send what is due, one after the other; as many of these run at the same time as their queue allows."""
    for _ in range(sending.AT_MOST):
        if not send_next(programs):
            return


@jobs.step(name="send_next_notice")
def send_next(programs: bool) -> bool:  # noqa: FBT001
    """One letter; a worker that is killed here leaves it to the next one."""
    runtime = jobs.runtime()
    return sending.send_next(runtime.database, runtime.settings, programs)


@jobs.workflow(recovery.WORKFLOW)
def recover_by_mail(sealed: str) -> None:
    """Somebody asked for a code by e-mail."""
    answer_mail(sealed)


@jobs.step(name="answer_mail")
def answer_mail(sealed: str) -> None:
    """Send one, if the address opens an account."""
    with jobs.runtime().database.writing() as tx:
        recovery.answer(tx, vault().open(sealed))


@jobs.workflow("notice_timer")
def look_for_notices(scheduled: datetime, context: Any) -> None:
    """What waits for its time: the morning, another try, or a worker instead of one that was killed."""
    del context
    for programs, queue in notices.QUEUES.items():
        for place in range(LETTERS[queue]):
            jobs.start(queue, notices.WORKFLOW, f"{queue}-{scheduled.isoformat()}-{place}", programs)


@jobs.workflow("reminder_timer")
def remind(scheduled: datetime, context: Any) -> None:
    """In the morning groups are told of certificates that run out."""
    del scheduled, context
    remind_due()


@jobs.step(name="remind_due")
def remind_due() -> None:
    """One pass."""
    with jobs.runtime().database.writing() as tx:
        certificates.remind(tx)


TIMERS = [
    jobs.Timer("reminders", EVERY_MORNING, remind),
    jobs.Timer("notices", EVERY_MINUTE, look_for_notices),
    jobs.Timer("rounds", EVERY_MINUTE, move_rounds),
    jobs.Timer("answers", EVERY_MINUTE, expire_answers),
    jobs.Timer("log_checks", EVERY_MINUTE, look_for_checks),
    jobs.Timer("listings", EVERY_HOUR, expire_listings),
    jobs.Timer("recurring", EVERY_HOUR, draft_recurring),
    jobs.Timer("retention", EVERY_NIGHT, delete_personal_data),
    jobs.Timer("answers_forgotten", EVERY_HOUR, forget_answers),
]


def launch(runtime: jobs.Runtime) -> None:
    """Execute durable work in this process."""
    timers = [*TIMERS, jobs.Timer("checkpoints", runtime.settings.checkpoint_schedule, sign_log)]
    jobs.launch(
        runtime,
        queues={runs.QUEUE: AT_ONCE, comparisons.QUEUE: AT_ONCE, checkpoints.QUEUE: 1, **LETTERS},
        timers=timers,
    )
    sweep_rounds(runtime.database)
    sweep_asked(runtime.database)
