"""The API of personal data: the table of what is kept, one's own data, and erasure on request."""

from typing import Any
from uuid import UUID

from service.kernel.i18n import gettext
from service.kernel.problems import InvalidInput, NotAllowed, NotFound, SignInRequired
from service.privacy import erasure, person
from service.privacy.purposes import KINDS
from service.privacy.schemas import ErasureIn, KindOut, PersonData
from service.web.deps import By, Creates, Tx
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

router = api_router("", "privacy")


@router.get("/privacy", response_model=list[KindOut])
def kinds(tx: Tx) -> list[dict[str, Any]]:
    """What is kept about whom, why, who sees it and for how long, in the reader's language."""
    del tx
    texts = ("title", "what", "why", "ground", "seen_by", "kept")
    return [
        {
            "code": kind.code,
            "days": kind.days,
            **{name: gettext(getattr(kind, name)).replace("{days}", str(kind.days)) for name in texts},
        }
        for kind in KINDS
    ]


@router.get("/me/data", response_model=PersonData, responses=problems(SignInRequired, NotFound))
def own_data(tx: Tx, by: By) -> dict[str, Any]:
    """Everything that is kept about you."""
    return person.own_data(tx, by=by)


@router.post(
    "/people/{person_id}/erasure",
    status_code=204,
    responses=problems(SignInRequired, InvalidInput, NotAllowed, NotFound, KeyReused),
    dependencies=[Creates],
)
def erase(person_id: UUID, body: ErasureIn, tx: Tx, by: By) -> None:
    """Make a person anonymous on their request, as an administrator."""
    erasure.erase(tx, by=by, person_id=person_id, reason=body.reason)
