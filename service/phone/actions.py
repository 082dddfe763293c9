"""Answering one award by its link: what the link opens, who answers with it, and the code that lets them.

A link stands for no session: its actor exists for one request, leads one group and reaches one award. The link of a
message about several awards opens the list of them; they share its code and its wrong tries.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts import pins
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotFound, Problem
from service.orders import actions as orders
from service.orders import answering
from service.orders.answering import Weighed
from service.orders.rules import must_be_in_time
from service.orders.schemas import AnswerForm, AnswerIn
from service.parties.models import Organisation
from service.people.models import Membership, Person
from service.phone import rules
from service.phone.schemas import LinkAnswerForm
from service.rounds import invitations
from service.rounds.invitations import ANSWERS
from service.rounds.models import AnswerLink, Award, AwardLine
from service.tries import throttle


@dataclass(frozen=True, slots=True)
class Door:
    """A link, the award that it opens, and as whom its person looks at it."""

    link: AnswerLink
    award: Award
    group: Organisation
    by: Actor
    path: str
    together: Sequence[AnswerLink]  # what was told in one message, locked where one answers

    @property
    def late(self) -> bool:
        """Whether the time to answer is over."""
        return self.award.respond_by is None or self.award.respond_by < now()


def door(tx: Session, *, token: str, lock: bool = False) -> Door:
    """What a link opens; NotFound for every other text, and once its person leads the group no more."""
    link = tx.scalar(select(AnswerLink).where(AnswerLink.token_hash == invitations.hashed(token)))
    if link is None:
        raise NotFound
    together = AnswerLink.list_hash == link.list_hash if link.list_hash else AnswerLink.id == link.id
    rows = select(AnswerLink).where(together).order_by(AnswerLink.id).execution_options(populate_existing=True)
    return _door(tx, link, token, tx.scalars(rows.with_for_update() if lock else rows).all())


def _door(tx: Session, link: AnswerLink, token: str, together: Sequence[AnswerLink]) -> Door:
    award = tx.get_one(Award, link.award_id)
    group = tx.get_one(Organisation, award.supplier_id)
    by = _leader(tx, link.person_id, group)
    if by is None:
        raise NotFound
    return Door(link, award, group, by, invitations.path_of(token), together)


def doors(tx: Session, *, token: str) -> list[Door]:
    """What the link of a message about several awards opens; nothing for every other text."""
    rows = select(AnswerLink).where(AnswerLink.list_hash == invitations.hashed(token)).order_by(AnswerLink.id)
    links = tx.scalars(rows).all()
    owns = {invitations.hashed(own): own for own in invitations.own_tokens(token, len(links))}
    return [_door(tx, link, owns[link.token_hash], links) for link in links]


def list_path(here: Door) -> str:
    """Where the list is that the award was told with; empty where it was told alone."""
    return invitations.list_token(here.path) if here.link.list_hash else ""


def waiting_beside(tx: Session, here: Door) -> list[str]:
    """Where the other awards of the message are that wait for an answer."""
    if not here.link.list_hash:
        return []
    token = here.path.removeprefix(invitations.path_of(""))
    told = doors(tx, token=invitations.list_token(token))
    waiting = select(AwardLine.award_id).where(AwardLine.answer.is_(None))
    ids = set(tx.scalars(waiting.where(AwardLine.award_id.in_([one.award.id for one in told]))))
    return [one.path for one in told if one.award.id in ids - {here.award.id} and not one.late]


def _leader(tx: Session, person_id: UUID, group: Organisation) -> Actor | None:
    """The person as a leader of the group and nothing else."""
    rows = select(Membership.id).join(Person, Person.id == Membership.person_id).where(Person.id == person_id)
    rows = rows.where(Membership.organisation_id == group.id, Membership.role == ANSWERS)
    if tx.scalar(rows.where(Membership.active, Person.active).limit(1)) is None:
        return None
    return Actor(person_id, group.id, group.kind, group.province_code, frozenset({ANSWERS}), channel="link")


def weigh(tx: Session, *, token: str, form: AnswerForm) -> Weighed:
    """What the answers come to; nothing is written."""
    here = door(tx, token=token)
    _must_be_open(here)
    draft = AnswerIn(lines=form.lines)
    return answering.weigh(tx, by=here.by, award_id=here.award.id, version=form.version, draft=draft)


def answer(tx: Session, *, token: str, form: LinkAnswerForm, key: str) -> Problem | None:
    """Answer the award. A wrong code is counted and returned, not raised: the count must stay.

    What comes again under the key of the answer that was taken is done already.
    """
    here = door(tx, token=token, lock=True)
    if here.link.answer_key and here.link.answer_key == rules.marked(key):
        return None
    _must_be_open(here)
    draft = AnswerIn(lines=form.lines)
    answering.weigh(
        tx, by=here.by, award_id=here.award.id, version=form.version, draft=draft
    )  # before the code is used
    by = _holder(tx, here, form)
    if by is None:
        return _count_wrong(tx, here)
    orders.answer(tx, by=by, award_id=here.award.id, version=form.version, draft=draft)
    here.link.code_hash, here.link.answer_key = "", rules.marked(key)
    for link in here.together:
        link.wrong_codes = 0
    return None


def _must_be_open(here: Door) -> None:
    must_be_in_time(here.award.respond_by, now())
    if here.link.closed_at is not None:
        raise rules.LinkClosed


def _holder(tx: Session, here: Door, form: LinkAnswerForm) -> Actor | None:
    """Who answers: on a shared phone a leader by PIN; else the link's person by its code, or by their PIN."""
    mine = here.link.person_id
    if not here.group.shared_phone and invitations.is_code(here.link, form.code):
        return replace(here.by, channel="link and code")
    person_id = (form.person_id or mine) if here.group.shared_phone else mine
    named = _leader(tx, person_id, here.group)
    if named is None or not pins.has(tx, person_id):
        return None
    if not pins.is_right(tx, person_id=person_id, organisation_id=here.group.id, pin=form.code):
        return None
    return replace(named, channel="link and PIN", account_id=mine)


def _count_wrong(tx: Session, here: Door) -> Problem:
    for link in here.together:
        link.wrong_codes += 1
    left = rules.MOST_WRONG - here.link.wrong_codes
    if left > 0:
        return rules.WrongLinkCode(left=left)
    for link in here.together:
        link.closed_at = now()
        events.record(tx, by=here.by, verb="answer_link.closed", subject=link, province_code=here.group.province_code,
                      change={"award": link.award_id})  # fmt: skip
    return rules.LinkClosed()


def send_code(tx: Session, *, token: str) -> None:
    """Send the link's person another code."""
    here = door(tx, token=token, lock=True)
    _must_be_open(here)
    throttle.beside(tx).count(rules.CODES, "answer link", str(here.together[0].id))
    invitations.renew_code(tx, here.link, here.together, here.award)
    events.record(tx, by=here.by, verb="answer_link.code_sent", subject=here.link,
                  province_code=here.group.province_code, change={"award": here.award.id})  # fmt: skip


def leaders_with_pin(tx: Session, here: Door) -> list[pins.Nameable]:
    """On a shared phone: those who may say with their PIN that they answer."""
    if not here.group.shared_phone:
        return []
    return [one for one in pins.people_with_pin(tx, by=here.by) if _leader(tx, one.id, here.group) is not None]
