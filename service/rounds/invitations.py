"""Links that open one award for one person: made and told when the award is published, a code beside each.

The link shows the award to whoever holds it; only its code (or a PIN of the group's shared phone) lets one answer.
Both are stored as hashes; the notice that carries them is encrypted.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.kernel.clock import now
from service.kernel.ids import new_id
from service.kernel.secrecy import digits, vault
from service.notices.actions import tell, tell_person
from service.parties.models import Organisation
from service.people.models import Membership, Person
from service.rounds.models import AnswerLink, Award, AwardLine

TOKEN_BYTES = 16  # 128 random bits, in 22 letters: short enough for an SMS
CODE_DIGITS = 6
KEPT = timedelta(days=30)
ANSWERS = "supplier_manager"


def send(tx: Session, awards: Sequence[Award]) -> None:
    """Tell each group's leaders of its published awards, each with a link and a code of their own."""
    leaders = _leaders(tx, {award.supplier_id for award in awards})
    buyers = _named(tx, {award.buyer_id for award in awards})
    totals = _totals(tx, [award.id for award in awards])
    for award in awards:
        buyer = buyers[award.buyer_id]
        facts: dict[str, str | int] = {"buyer": buyer.name_th, "buyer_en": buyer.name_en, "total": totals[award.id],
                                       "respond_by": _until(award).isoformat()}  # fmt: skip
        for person_id in leaders.get(award.supplier_id, []):
            token, code = _link(tx, award.id, person_id)
            tell_person(tx, kind="award.offered", person_id=person_id, organisation_id=award.supplier_id,
                        facts=facts | {"code": code}, path=path_of(token), key=f"award.offered:{award.id}")  # fmt: skip
        # Programs answer with their own key: neither link nor code is for them.
        tell(tx, kind="award.offered", organisation_id=award.supplier_id, roles=frozenset(),
             facts=facts | {"code": "–"}, path=f"/awards/{award.id}", key=f"award.offered:{award.id}")  # fmt: skip


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


def _named(tx: Session, ids: set[UUID]) -> dict[UUID, Organisation]:
    return {row.id: row for row in tx.scalars(select(Organisation).where(Organisation.id.in_(ids)))}


def _totals(tx: Session, ids: list[UUID]) -> dict[UUID, int]:
    sums = select(AwardLine.award_id, func.sum(AwardLine.quantity * AwardLine.price_satang))
    rows = tx.execute(sums.where(AwardLine.award_id.in_(ids)).group_by(AwardLine.award_id))
    return {award: int(total) for award, total in rows}


def _link(tx: Session, award_id: UUID, person_id: UUID) -> tuple[str, str]:
    """A fresh link and its code, both told this once."""
    token, code = secrets.token_urlsafe(TOKEN_BYTES), digits(CODE_DIGITS)
    row = AnswerLink(id=new_id(), award_id=award_id, person_id=person_id, token_hash=hashed(token))
    row.code_hash = vault().mark(f"{row.id}:{code}")
    tx.add(row)
    return token, code


def hashed(token: str) -> str:
    """What is stored of a link: it is random and long, so a plain hash is enough."""
    return sha256(token.encode()).hexdigest()


def is_code(link: AnswerLink, code: str) -> bool:
    """Whether the code is the link's, and not used yet."""
    return link.code_hash != "" and link.code_hash in vault().marks(f"{link.id}:{code}")


def renew_code(tx: Session, link: AnswerLink, award: Award) -> None:
    """Send the link's person another code; the one before ends."""
    code = digits(CODE_DIGITS)
    link.code_hash, link.codes = vault().mark(f"{link.id}:{code}"), link.codes + 1
    facts: dict[str, str | int] = {"code": code, "until": _until(award).isoformat()}
    tell_person(tx, kind="door.code", person_id=link.person_id, organisation_id=award.supplier_id, facts=facts,
                path="", key=f"door.code:{link.id}:{link.codes}")  # fmt: skip


def forget_old(tx: Session) -> None:
    """Delete links whose time has long passed."""
    over = select(Award.id).where(Award.respond_by < now() - KEPT)
    tx.execute(delete(AnswerLink).where(AnswerLink.award_id.in_(over)))
