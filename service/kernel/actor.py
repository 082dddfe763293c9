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

    def has(self, role: str) -> bool:
        """Whether the actor holds the role in the organisation acted for."""
        return role in self.roles


SYSTEM = Actor(None, None, "system", None, frozenset({"system"}))
