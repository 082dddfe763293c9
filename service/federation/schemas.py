"""What the API and forms of signing in elsewhere read and write."""

from datetime import datetime
from uuid import UUID

from service.accounts.schemas import Code, Password
from service.kernel.shapes import In, Out


class IdentityOut(Out):
    """A provider with which one's account is connected; whom one is there is not kept in readable form."""

    id: UUID
    provider: str
    created_at: datetime
    last_used_at: datetime | None


class ConnectIn(In):
    """The present password, of an account that has one: a way in is added by its owner only."""

    password: Password | None = None


class RedeemIn(In):
    """The code that an officer handed over."""

    code: Code
