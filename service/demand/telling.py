"""A kitchen's people are told what one of them did to a demand; whoever did it knows."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.demand.models import Demand
from service.demand.vocabulary import LABELS, ChangeCode
from service.kernel.actor import Actor
from service.kernel.i18n import gettext, speaking
from service.notices import actions as notices
from service.parties.models import Organisation

OFFICERS, KITCHEN = frozenset({"buyer_officer"}), frozenset({"buyer_officer", "buyer_head"})
FACILITATORS = frozenset({"facilitator"})


def approved(tx: Session, by: Actor, row: Demand) -> None:
    """Officers hear that the head has approved."""
    _tell(tx, by, row, "demand.approved", OFFICERS, {"total": row.total_satang})


def changed(tx: Session, by: Actor, row: Demand, kind: str, code: ChangeCode, note: str) -> None:
    """The kitchen and, once a round has the demand, those who run the round hear what changed and why."""
    buyer = tx.get_one(Organisation, row.organisation_id)
    with speaking("th"):
        reason = " ".join(filter(None, (gettext(LABELS[f"change.{code.value}"]), note)))
    facts: notices.Facts = {"buyer": buyer.name_th, "buyer_en": buyer.name_en, "reason": reason}
    _tell(tx, by, row, kind, KITCHEN, facts)
    if row.state == "active":
        place = (Organisation.kind == "provincial_company", Organisation.province_code == row.province_code)
        for company in tx.scalars(select(Organisation.id).where(*place)):
            notices.tell(tx, kind=kind, organisation_id=company, roles=FACILITATORS,
                         facts=facts | {"demand": row.title}, path=f"/demands/{row.id}",
                         key=f"{kind}:{row.id}:{row.version}")  # fmt: skip


def waiting(tx: Session, by: Actor, row: Demand, total_satang: int) -> None:
    """The heads hear that a higher total waits for them."""
    notices.tell(tx, kind="demand.submitted", organisation_id=row.organisation_id, roles=frozenset({"buyer_head"}),
                 facts={"demand": row.title, "total": total_satang}, path=f"/demands/{row.id}/amend",
                 key=f"amendment:{row.id}:{row.version}", but=by.person_id)  # fmt: skip


def _tell(tx: Session, by: Actor, row: Demand, kind: str, roles: frozenset[str], facts: notices.Facts) -> None:
    notices.tell(tx, kind=kind, organisation_id=row.organisation_id, roles=roles, facts=facts | {"demand": row.title},
                 path=f"/demands/{row.id}", key=f"{kind}:{row.id}:{row.version}", but=by.person_id)  # fmt: skip
