"""Who had a hand in a round or a stake in it, and which company may hence review it: nobody judges their own work."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.parties.models import Organisation
from service.parties.vocabulary import BUYERS, SUPPLIERS
from service.people.models import Membership
from service.procedure import rules
from service.rounds import runs
from service.rounds.models import Round, Run

STEPS_OF_HANDS = ("round.scheduled", "round.opened", "round.closed", "round.proposed")
NATIONAL = N_("The province's company facilitated, so the national company reviews.")
OWN = N_("The national company facilitated, so the province's company reviews.")
NEIGHBOUR = N_("No other company is free, so another province's company reviews.")


@dataclass(frozen=True, slots=True)
class Hands:
    """The people and organisations that took a facilitating step, by the event log."""

    people: frozenset[UUID]
    organisations: frozenset[UUID]


def hands_of(tx: Session, row: Round) -> Hands:
    """Everyone who scheduled, opened, closed, solved again or proposed the round, and the named facilitator."""
    found = tx.execute(select(Event.person_id, Event.organisation_id).where(_facilitating(tx, row))).all()
    people = {row.facilitator_person_id, *(person for person, _ in found)}
    organisations = {row.facilitator_company_id, *(organisation for _, organisation in found)}
    return Hands(frozenset(key for key in people if key), frozenset(key for key in organisations if key))


def _facilitating(tx: Session, row: Round) -> ColumnElement[bool]:
    first = select(Run.id).where(Run.round_id == row.id, Run.kind == "first")
    of_runs = [str(run_id) for run_id in tx.scalars(first)]
    steps = and_(Event.subject_type == "rounds", Event.subject_id == str(row.id), Event.verb.in_(STEPS_OF_HANDS))
    return or_(steps, and_(Event.subject_type == "runs", Event.subject_id.in_(of_runs), Event.verb == "run.queued"))


def company_of(tx: Session, province_code: str) -> Organisation | None:
    """The company that facilitates in a province: its own, else the national one."""
    own = select(Organisation).where(Organisation.kind == "provincial_company", Organisation.state == "qualified")
    found = tx.scalar(own.where(Organisation.province_code == province_code).order_by(Organisation.id).limit(1))
    return found or _national(tx)


def _national(tx: Session) -> Organisation | None:
    rows = select(Organisation).where(Organisation.kind == "national_company", Organisation.state == "qualified")
    return tx.scalar(rows.order_by(Organisation.id).limit(1))


def reviewer_of(tx: Session, row: Round) -> tuple[Organisation | None, str]:
    """The company that reviews the round, and why: never one that had a hand in it."""
    busy = hands_of(tx, row).organisations
    for company, why in ((_national(tx), NATIONAL), (company_of(tx, row.province_code), OWN)):
        if company is not None and company.id not in busy:
            return company, why
    others = select(Organisation).where(Organisation.kind == "provincial_company", Organisation.state == "qualified")
    others = others.where(Organisation.id.not_in(busy)).order_by(Organisation.province_code, Organisation.id)
    return tx.scalar(others.limit(1)), NEIGHBOUR


def objection(tx: Session, by: Actor, row: Round) -> Problem | None:
    """Why someone does not review: of another company than the named one, with a hand in the round or a stake in it."""
    if by.organisation_id is None or by.organisation_id != row.reviewer_company_id:
        substitute = tx.get(Organisation, row.reviewer_company_id) if row.reviewer_company_id else None
        return rules.Recused(substitute="" if substitute is None else substitute.name_th)
    if by.person_id in hands_of(tx, row).people:
        return rules.SamePersonTwice()
    return rules.HasStake() if _has_stake(tx, by, row) else None


def must_not_be_recused(tx: Session, by: Actor, row: Round) -> None:
    """Refuse a reviewer to whom there is an objection."""
    found = objection(tx, by, row)
    if found is not None:
        raise found


def must_be_reviewers(tx: Session, by: Actor, row: Round) -> None:
    """Refuse anyone but the named reviewing company."""
    found = objection(tx, by, row)
    if isinstance(found, rules.Recused):
        raise found


def _has_stake(tx: Session, by: Actor, row: Round) -> bool:
    """Whether the person belongs to a kitchen or group of the frozen market; few who review belong to any at all."""
    mine = select(Organisation.id).join(Membership, Membership.organisation_id == Organisation.id)
    mine = mine.where(Membership.person_id == by.person_id, Membership.active)
    trades = {str(key) for key in tx.scalars(mine.where(Organisation.kind.in_(BUYERS | SUPPLIERS)))}
    run = runs.latest(tx, row.id, "first") if trades else None
    return run is not None and not trades.isdisjoint(runs.market_of(run).parties)
