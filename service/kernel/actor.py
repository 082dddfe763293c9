"""Who acts: a signed-in person for one organisation, with the roles held there."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting for an organisation; `None` ids belong to the system itself (timers, imports, demo)."""

    person_id: UUID | None
    organisation_id: UUID | None
    organisation_kind: str
    province_code: str | None
    roles: frozenset[str]
    session_id: UUID | None = None
    owes: str = ""  # what a session still owes before it may do anything: `code` or `enrolment` of a second factor
    account_id: UUID | None = None  # whose account the session is, where the person named themselves by PIN on it
    key_id: UUID | None = None  # the program's key that acts in the person's name
    scopes: frozenset[str] = frozenset()  # what that key may reach
    channel: str = ""  # by what else than a session the person acts, such as a link with its code

    def has(self, role: str) -> bool:
        """Whether the actor holds the role in the organisation acted for."""
        return role in self.roles

    def through(self) -> dict[str, str]:
        """By what the person acts, where it is not a session of their own: it belongs into the record."""
        means = {"api_key": self.key_id, "account": self.account_id, "channel": self.channel or None}
        return {name: str(value) for name, value in means.items() if value is not None}


SYSTEM = Actor(None, None, "system", None, frozenset({"system"}))
