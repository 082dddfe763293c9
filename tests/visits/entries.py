"""Entries of a service centre for tests."""

from datetime import timedelta
from typing import Any

from service.kernel.clock import now
from service.listings.schemas import LotIn, OfferIn
from service.parties.models import Organisation
from service.visits.models import AssistedEntry
from tests.make import Maker, next_week


def listing(price_satang: int = 2313) -> OfferIn:
    """An offer as a group tells it."""
    lot = LotIn(harvest_from=next_week(), harvest_until=next_week(), capacity_day=20, capacity_week=20)
    return OfferIn(product_code="MORNING-GLORY", price_satang=price_satang, lots=[lot])


def written(make: Maker, centre: Organisation, group: Organisation, **facts: Any) -> AssistedEntry:
    """An entry that waits for its group."""
    make.product()
    given = {"kind": "listing", "payload": listing().model_dump(mode="json"), "valid_until": now() + timedelta(days=3)}
    return make.add(AssistedEntry(organisation_id=group.id, centre_id=centre.id, **{**given, **facts}))
