"""A kitchen's people are told what one of them did to a demand; whoever did it knows."""

from sqlalchemy.orm import Session

from service.demand.models import Demand
from service.kernel.actor import Actor
from service.notices import actions as notices
from service.parties.models import Organisation

OFFICERS, KITCHEN = frozenset({"buyer_officer"}), frozenset({"buyer_officer", "buyer_head"})


def approved(tx: Session, by: Actor, row: Demand) -> None:
    """Officers hear that the head has approved."""
    _tell(tx, by, row, "demand.approved", OFFICERS, {"total": row.total_satang})


def cancelled(tx: Session, by: Actor, row: Demand, reason: str) -> None:
    """Officers and the head hear that a demand is given up."""
    buyer = tx.get_one(Organisation, row.organisation_id)
    facts: notices.Facts = {"buyer": buyer.name_th, "buyer_en": buyer.name_en, "reason": reason}
    _tell(tx, by, row, "demand.cancelled", KITCHEN, facts)


def _tell(tx: Session, by: Actor, row: Demand, kind: str, roles: frozenset[str], facts: notices.Facts) -> None:
    notices.tell(tx, kind=kind, organisation_id=row.organisation_id, roles=roles, facts=facts | {"demand": row.title},
                 path=f"/demands/{row.id}", key=f"{kind}:{row.id}:{row.version}", but=by.person_id)  # fmt: skip
