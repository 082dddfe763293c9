"""The use case of programme profiles: a committee's resolution becomes the province's next version."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.allocation import margins
from service.events import actions as events
from service.kernel.actor import Actor
from service.parties.permissions import require
from service.parties.queries import must_know_province
from service.programme.models import ProgrammeProfile
from service.programme.schemas import ProfileIn


def adopt(tx: Session, *, by: Actor, draft: ProfileIn) -> ProgrammeProfile:
    """Enter a profile that the committee adopted; it becomes the province's next version."""
    require(by, "profile.adopt", province=draft.province_code)
    must_know_province(tx, draft.province_code)
    newest = select(func.max(ProgrammeProfile.number)).where(ProgrammeProfile.province_code == draft.province_code)
    row = ProgrammeProfile(
        **draft.model_dump(exclude={"weights"}),
        number=1 + (tx.scalar(newest) or 0),
        weights=margins.Weights.from_json(draft.weights.model_dump()).as_json(),
    )
    tx.add(row)
    change = {"number": row.number, "resolution": row.resolution_number, "weights": row.weights}
    events.record(tx, by=by, verb="profile.adopted", subject=row, province_code=row.province_code, change=change)
    return row
