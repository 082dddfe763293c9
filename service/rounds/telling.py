"""Who is told what about a round: its parties of the results, companies of what waits for them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.notices import actions as notices
from service.parties.models import Organisation, Province
from service.parties.vocabulary import BUYERS
from service.rounds.models import Award, Round

FACILITATES, AUDITS = frozenset({"facilitator"}), frozenset({"auditor"})
BUYS, SUPPLIES = frozenset({"buyer_officer", "buyer_head"}), frozenset({"supplier_manager"})


def published(tx: Session, row: Round, parties: Collection[str]) -> None:
    """The kitchens of the round, and the groups that offered without success: the others are told of their awards."""
    everyone = [UUID(key) for key in parties]
    kinds = dict(tx.execute(select(Organisation.id, Organisation.kind).where(Organisation.id.in_(everyone))).all())
    served = set(tx.scalars(select(Award.supplier_id).where(Award.round_id == row.id, Award.respond_by.is_not(None))))
    buyers = {key for key, kind in kinds.items() if kind in BUYERS}
    for organisations, roles in ((buyers, BUYS), (kinds.keys() - buyers - served, SUPPLIES)):
        notices.tell_all(tx, kind="round.published", organisation_ids=organisations, roles=roles, facts=_week(row),
                         path=f"/rounds/{row.id}", key=f"round.published:{row.id}")  # fmt: skip


def review_asked(tx: Session, row: Round) -> None:
    """The company that reviews, since it had no hand in the round."""
    if row.reviewer_company_id is not None:
        place = tx.get_one(Province, row.province_code)
        facts = _week(row) | {"province": place.name_th, "province_en": place.name_en}
        notices.tell(tx, kind="review.asked", organisation_id=row.reviewer_company_id, roles=AUDITS, facts=facts,
                     path=f"/rounds/{row.id}", key=f"review.asked:{row.id}:{row.version}")  # fmt: skip


def done(tx: Session, row: Round, *kinds: str) -> None:
    """Somebody has done what a notice about the round asked for: it asks nobody any more."""
    notices.settled(tx, [f"{kind}:{row.id}:{version}" for kind in kinds for version in range(row.version + 1)])


def sent_back(tx: Session, row: Round, reason: str) -> None:
    """The company that facilitates: the review found something."""
    _facilitators(tx, "review.returned", row, {"reason": reason})


def failed(tx: Session, row: Round) -> None:
    """The company that facilitates: a solving ended without a result."""
    _facilitators(tx, "round.failed", row, {})


def _facilitators(tx: Session, kind: str, row: Round, more: notices.Facts) -> None:
    if row.facilitator_company_id is not None:
        notices.tell(tx, kind=kind, organisation_id=row.facilitator_company_id, roles=FACILITATES,
                     facts=_week(row) | more, path=f"/rounds/{row.id}",
                     key=f"{kind}:{row.id}:{row.version}")  # fmt: skip


def _week(row: Round) -> notices.Facts:
    return {"week": row.delivery_week.isoformat()}
