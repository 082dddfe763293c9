"""The API of one's own keys."""

from uuid import UUID

from service.kernel.problems import InvalidInput, NotAllowed, NotFound, SignInRequired
from service.keys import actions
from service.keys.models import ApiKey
from service.keys.rules import TooManyKeys
from service.keys.schemas import FreshKeyOut, KeyIn, KeyOut
from service.web.deps import By, Tx
from service.web.problems import problems
from service.web.routes import api_router, tells_secret

OWN = (SignInRequired, InvalidInput, NotAllowed, NotFound)

router = api_router("/me/keys", "keys")


def _shown(fresh: actions.Fresh) -> FreshKeyOut:
    return FreshKeyOut(**KeyOut.model_validate(fresh.row).model_dump(), secret=fresh.secret)


@router.get("", response_model=list[KeyOut], responses=problems(*OWN))
def keys(tx: Tx, by: By) -> list[ApiKey]:
    """Your keys that hold."""
    return actions.live(tx, by=by)


@router.post("", status_code=201, response_model=FreshKeyOut, responses=problems(*OWN, TooManyKeys))
@tells_secret
def make(body: KeyIn, tx: Tx, by: By) -> FreshKeyOut:
    """Make a key; its secret is shown this once."""
    return _shown(actions.make(tx, by=by, draft=body))


@router.post("/{key_id}/renewal", response_model=FreshKeyOut, responses=problems(*OWN))
@tells_secret
def renew(key_id: UUID, tx: Tx, by: By) -> FreshKeyOut:
    """Give a key a new secret; the old one ends at once."""
    return _shown(actions.renew(tx, by=by, key_id=key_id))


@router.delete("/{key_id}", status_code=204, responses=problems(*OWN))
def end(key_id: UUID, tx: Tx, by: By) -> None:
    """End a key."""
    actions.end(tx, by=by, key_id=key_id)
