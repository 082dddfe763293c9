"""The API of one's connections with identity providers; making one takes a browser."""

from uuid import UUID

from service.federation import actions
from service.federation.models import Identity
from service.federation.rules import LastWayIn
from service.federation.schemas import IdentityOut
from service.kernel.problems import InvalidInput, NotAllowed, NotFound, SignInRequired
from service.web.deps import By, Tx
from service.web.problems import problems
from service.web.routes import api_router

OWN = (SignInRequired, InvalidInput, NotAllowed, NotFound)

router = api_router("/me/connections", "accounts")


@router.get("", response_model=list[IdentityOut], responses=problems(*OWN))
def connections(tx: Tx, by: By) -> list[Identity]:
    """The identity providers with which your account is connected."""
    return actions.ways(tx, by=by)


@router.delete("/{identity_id}", status_code=204, responses=problems(*OWN, LastWayIn))
def disconnect(identity_id: UUID, tx: Tx, by: By) -> None:
    """Disconnect a provider; your other sessions end."""
    actions.disconnect(tx, by=by, identity_id=identity_id)
