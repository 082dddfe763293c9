"""A small market with someone of every trade in it, for tests that walk over the whole API."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.testclient import TestClient

from service.orders.models import Order
from tests.make import Caller, Maker, making

TRADES = {
    "buyer": ("hospital", "450101"), "group": ("farmer_group", "450101"), "company": ("provincial_company", "450101"),
    "nation": ("national_company", "100101"), "committee": ("provincial_committee", "450101"),
    "agency": ("attesting_agency", "450101"), "operator": ("operator", "100101"),
}  # fmt: skip
# Which trade does what, by the address of the operation; the first that fits.
SUITABLE = [
    (r"/social-shares/\{|/attestation", "agency"), (r"/social-shares", "group"), (r"/people|/conflicts", "buyer"),
    (r"/products|/reference-prices", "operator"), (r"/certificates|/offers|/awards", "group"),
    (r"/demands|/budget-lines|/orders", "buyer"), (r"/profiles", "committee"),
    (r"/(review|approve|send-back|replays|publish)$", "nation"), (r"/rounds|/organisations", "company"),
    (r"/events", "nation"), (r"", "buyer"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """The market's client, a signed-in caller of each trade, and the ids of what stands there by parameter name."""

    client: TestClient
    callers: dict[str, Caller]
    ids: dict[str, str]

    def suitable(self, path: str) -> Caller:
        """Who would do that."""
        return self.callers[next(trade for pattern, trade in SUITABLE if re.search(pattern, path))]

    def filled(self, path: str) -> str:
        """The address with the ids of what stands there."""
        return re.sub(r"\{(\w+)\}", lambda name: self.ids.get(name[1], "1"), path)


def staged(client: TestClient) -> Stage:
    """Set the stage: an award that waits for its answer, an offer, a draft, a round, a share, a certificate."""
    with making(client) as make:
        sides = {name: make.organisation(kind, place) for name, (kind, place) in TRADES.items()}
        people = {name: make.person(side) for name, side in sides.items()}
        ids = _ids(make, sides)
        ids["person_id"] = str(people["buyer"].id)
    return Stage(client, {name: Caller(client, person) for name, person in people.items()}, ids)


def _ids(make: Maker, sides: dict[str, Any]) -> dict[str, str]:
    award = make.published_award(sides["group"], sides["buyer"])
    draft = make.demand(sides["buyer"])
    found: dict[str, UUID | str] = {
        "organisation_id": sides["buyer"].id, "award_id": award.id, "round_id": award.round_id, "demand_id": draft.id,
        "budget_line_id": draft.budget_line_id, "offer_id": make.offer(sides["group"]).id,
        "certificate_id": make.certificate(sides["group"]).id, "line_id": draft.lines[0].id,
        "code": make.product().code,
        "name": "policy", "kind": "instance", "number": "1", "role": "inspector", "order_id": UUID(int=0),
        "check_id": UUID(int=0), "event_id": "1",
    }  # fmt: skip
    assert Order.__tablename__ == "orders"
    return {name: str(value) for name, value in found.items()}
