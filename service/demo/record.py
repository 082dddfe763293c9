"""What goes through the market's own use cases, so that the log tells it: accounts, approvals, profile and round."""

from typing import Any

from sqlalchemy.orm import Session

from service.demand.models import Demand
from service.demo.rows import Row
from service.demo.scene import Scene
from service.events import actions as events
from service.kernel.actor import SYSTEM, Actor
from service.kernel.i18n import N_
from service.procedure import actions as rounds
from service.procedure.schemas import RoundIn
from service.programme import actions as programme
from service.programme.schemas import ProfileIn, WeightsIn
from service.questions.models import Question
from service.rounds.models import Round

REASON = N_("synthetic demonstration")


def actor(scene: Scene, persona: str, role: str) -> Actor:
    """A persona in one of its roles."""
    row = scene.personas[persona]
    return Actor(scene.holders[persona, role], row["id"], row["kind"], scene.province, frozenset({role}))


def tell_demands(tx: Session, scene: Scene) -> None:
    """Who wrote and who approved: the personas theirs, the demonstration itself all others."""
    for row in scene.rows.of(Demand):
        if row["province_code"] != scene.province:
            continue
        _tell(tx, _hand(scene, row, "buyer_officer"), "demand.drafted", row)
        if row["state"] != "draft":
            change = {"from": "draft", "to": row["state"], "total_satang": row["total_satang"]}
            _tell(tx, _hand(scene, row, "buyer_head"), "demand.approved", row, change)


def _hand(scene: Scene, row: Row, role: str) -> Actor:
    for persona in ("school", "hospital"):
        if row["organisation_id"] == scene.personas[persona]["id"]:
            return actor(scene, persona, role)
    return SYSTEM


def _tell(tx: Session, by: Actor, verb: str, row: Row, change: dict[str, Any] | None = None) -> None:
    subject = Demand(id=row["id"])  # never added: it only names the row that was written in bulk
    events.record(tx, by=by, verb=verb, subject=subject, province_code=row["province_code"], reason=REASON,
                  change=change)  # fmt: skip


def tell_questions(tx: Session, scene: Scene) -> None:
    """Who asked, and that the kitchen answered one."""
    for row in scene.rows.of(Question):
        by = [("question.asked", actor(scene, "enterprise", "supplier_manager"))]
        by += [("question.answered", actor(scene, "hospital", "buyer_officer"))] if row["state"] == "answered" else []
        for verb, who in by:
            events.record(tx, by=who, verb=verb, subject=Question(id=row["id"]), province_code=scene.province,
                          reason=REASON, change={"demand": row["demand_id"]})  # fmt: skip


def open_round(tx: Session, scene: Scene) -> Round:
    """The committee adopts the profile, the facilitator opens the round, and it takes the approved demands up."""
    weights = WeightsIn(priority_districts=scene.local["priority_districts"])
    draft = ProfileIn(
        province_code=scene.province,
        resolution_number=scene.local["resolution_number"],
        resolution_date=scene.when.before(45),
        valid_from=scene.when.before(30),
        weights=weights,
    )
    programme.adopt(tx, by=actor(scene, "committee", "committee_member"), draft=draft)
    announced = RoundIn(
        province_code=scene.province,
        delivery_week=scene.when.week,
        opens_at=scene.when.opens_at,
        closes_at=scene.when.closes_at,
    )
    return rounds.schedule(tx, by=actor(scene, "company", "facilitator"), draft=announced)


def tell_loaded(tx: Session, operator: Any, facts: dict[str, Any]) -> None:
    """The one event that says where all the rest came from."""
    events.record(tx, by=SYSTEM, verb="demo.loaded", subject=operator, change=facts, reason=REASON)
