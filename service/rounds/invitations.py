"""Awards as they are told: to a group's leaders in one message, to its programs one by one.

A message carries a link and a code of its reader's own. The link shows an award, or the list of those told together,
to whoever holds it; only the code (or a PIN of the group's shared phone) lets one answer. Both are stored as hashes;
the notice that carries them is encrypted.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from service.kernel.clock import now
from service.kernel.ids import new_id
from service.kernel.secrecy import digits, vault
from service.notices.actions import Facts, tell, tell_person
from service.parties.models import Organisation
from service.people.models import Membership, Person
from service.rounds.models import AnswerLink, Award, AwardLine

TOKEN_BYTES = 16  # 128 random bits, in 22 letters: short enough for an SMS
CODE_DIGITS = 6
KEPT = timedelta(days=30)
ANSWERS, OFFER = "supplier_manager", "award.offered"


def send(tx: Session, awards: Sequence[Award]) -> None:
    """Tell each group's leaders of its published awards, with a link and a code of their own."""
    totals = _totals(tx, [award.id for award in awards])
    for some, leaders, facts in _messages(tx, awards, totals):
        for person_id in leaders:
            token, code = _links(tx, some, person_id)
            tell_person(tx, kind=OFFER, person_id=person_id, organisation_id=some[0].supplier_id, path=path_of(token),
                        facts=facts | _asks(some[0]) | {"code": code}, key=key_of(OFFER, some[0]))  # fmt: skip
    # Programs answer with their own key: neither link nor code is for them.
    _tell_programs(tx, OFFER, awards, totals, {"code": "–"})


def tell_again(tx: Session, kind: str, awards: Sequence[Award], totals: Mapping[UUID, int]) -> None:
    """Tell the leaders, who sign in to answer, that awards still wait; or without totals that their time is over."""
    for some, leaders, facts in _messages(tx, awards, totals):
        asked = facts | (_asks(some[0]) if totals else {})
        path = "/awards" if len(some) > 1 else f"/awards/{some[0].id}"
        for person_id in leaders:
            tell_person(tx, kind=kind, person_id=person_id, organisation_id=some[0].supplier_id, path=path,
                        facts=asked, key=key_of(kind, some[0]))  # fmt: skip
    _tell_programs(tx, kind, awards, totals, {})


def key_of(kind: str, award: Award) -> str:
    """What its message is told under: one for the awards of a run to one group that are due at one moment."""
    return f"{kind}:{award.run_id}:{award.supplier_id}:{int(_until(award).timestamp())}"


def told_with(award: Award) -> tuple[ColumnElement[bool], ...]:
    """The awards of its message."""
    run, group, until = Award.run_id == award.run_id, Award.supplier_id == award.supplier_id, award.respond_by
    return run, group, Award.respond_by == until


def _messages(
    tx: Session, awards: Sequence[Award], totals: Mapping[UUID, int]
) -> list[tuple[list[Award], list[UUID], Facts]]:
    """The awards that are told together, the leaders of their group, and what the message says of them."""
    leaders, buyers = _leaders(tx, {award.supplier_id for award in awards}), _buyers(tx, awards)
    together: dict[str, list[Award]] = {}
    for award in awards:
        together.setdefault(key_of("", award), []).append(award)
    return [(some, leaders.get(some[0].supplier_id, []), _facts(some, buyers, totals)) for some in together.values()]


def _facts(awards: list[Award], buyers: dict[UUID, Organisation], totals: Mapping[UUID, int]) -> Facts:
    """Who buys, or how many awards there are; what they are worth, where it still matters."""
    total: Facts = {"total": sum(totals[award.id] for award in awards)} if totals else {}
    if len(awards) > 1:
        return total | {"awards": len(awards)}
    buyer = buyers[awards[0].buyer_id]
    return total | {"buyer": buyer.name_th, "buyer_en": buyer.name_en}


def _asks(award: Award) -> Facts:
    return {"respond_by": _until(award).isoformat()}


def _tell_programs(tx: Session, kind: str, awards: Sequence[Award], totals: Mapping[UUID, int], more: Facts) -> None:
    buyers = _buyers(tx, awards)
    for award in awards:
        facts = _facts([award], buyers, totals) | (_asks(award) if totals else {}) | more
        tell(tx, kind=kind, organisation_id=award.supplier_id, roles=frozenset(), facts=facts,
             path=f"/awards/{award.id}", key=f"{kind}:{award.id}")  # fmt: skip


def path_of(token: str) -> str:
    """Where a link leads."""
    return f"/a/{token}"


def _until(award: Award) -> datetime:
    assert award.respond_by is not None, "an award is told once it is published"
    return award.respond_by


def _leaders(tx: Session, groups: set[UUID]) -> dict[UUID, list[UUID]]:
    rows = select(Membership.organisation_id, Membership.person_id).join(Person, Person.id == Membership.person_id)
    rows = rows.where(Membership.organisation_id.in_(groups), Membership.role == ANSWERS)
    found: dict[UUID, list[UUID]] = {}
    for group, person in tx.execute(rows.where(Membership.active, Person.active).order_by(Membership.id)):
        found.setdefault(group, []).append(person)
    return found


def _buyers(tx: Session, awards: Sequence[Award]) -> dict[UUID, Organisation]:
    rows = select(Organisation).where(Organisation.id.in_({award.buyer_id for award in awards}))
    return {row.id: row for row in tx.scalars(rows)}


def _totals(tx: Session, ids: list[UUID]) -> dict[UUID, int]:
    sums = select(AwardLine.award_id, func.sum(AwardLine.quantity * AwardLine.price_satang))
    rows = tx.execute(sums.where(AwardLine.award_id.in_(ids)).group_by(AwardLine.award_id))
    return {award: int(total) for award, total in rows}


def _links(tx: Session, awards: Sequence[Award], person_id: UUID) -> tuple[str, str]:
    """A fresh link and its code, both told this once; of several awards, each also gets a link of its own under it."""
    token, code = secrets.token_urlsafe(TOKEN_BYTES), digits(CODE_DIGITS)
    owns, listed = ([token], "") if len(awards) == 1 else (own_tokens(token, len(awards)), hashed(token))
    for own, award in zip(owns, awards, strict=True):
        row = AnswerLink(id=new_id(), award_id=award.id, person_id=person_id, token_hash=hashed(own), list_hash=listed)
        row.code_hash = _marked(row, code)
        tx.add(row)
    return token, code


def own_tokens(token: str, number: int) -> list[str]:
    """The links of single awards under the link of their message."""
    return [f"{token}.{place}" for place in range(1, number + 1)]


def list_token(token: str) -> str:
    """The link of the message that an award's own link came with."""
    return token.partition(".")[0]


def _marked(link: AnswerLink, code: str) -> str:
    return vault().mark(f"{link.id}:{code}")


def hashed(token: str) -> str:
    """What is stored of a link: it is random and long, so a plain hash is enough."""
    return sha256(token.encode()).hexdigest()


def is_code(link: AnswerLink, code: str) -> bool:
    """Whether the code is the link's, and not used yet."""
    return link.code_hash != "" and link.code_hash in vault().marks(f"{link.id}:{code}")


def renew_code(tx: Session, link: AnswerLink, together: Collection[AnswerLink], award: Award) -> None:
    """Send the link's person another code, for all that was told together; the one before ends."""
    code = digits(CODE_DIGITS)
    for one in together:
        one.code_hash, one.codes = _marked(one, code), one.codes + 1
    facts: Facts = {"code": code, "until": _until(award).isoformat()}
    tell_person(tx, kind="door.code", person_id=link.person_id, organisation_id=award.supplier_id, facts=facts,
                path="", key=f"door.code:{link.id}:{link.codes}")  # fmt: skip


def forget_old(tx: Session) -> None:
    """Delete links whose time has long passed."""
    over = select(Award.id).where(Award.respond_by < now() - KEPT)
    tx.execute(delete(AnswerLink).where(AnswerLink.award_id.in_(over)))
