"""Rules about people: which kinds of organisation hold which roles, and who must stay."""

from uuid import UUID

from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.parties.vocabulary import ROLES_OF_KIND


class RoleNotOfKind(Problem):
    """A role that this kind of organisation does not have."""

    title = N_("This role does not fit the organisation")
    detail = N_("An organisation of this kind has no such role.")
    todo = N_("Choose one of: {roles}.")


class OwnRole(Problem):
    """A role that somebody would give themself."""

    title = N_("Nobody gives themself a role")
    detail = N_("Who may do what is decided by somebody else.")
    todo = N_("Ask another person who manages this organisation, or the operator.")


class LastManager(Problem):
    """The only person who can manage an organisation's people."""

    title = N_("Someone must be able to manage this organisation")
    detail = N_("This is the last person with that role here.")
    todo = N_("Give the role to another person first.")


MANAGING_ROLES = frozenset({"buyer_head", "supplier_manager", "administrator"})


def must_fit(role: str, kind: str) -> None:
    """Refuse a role that the kind of organisation does not have."""
    fitting = ROLES_OF_KIND[kind]
    if role not in fitting:
        raise RoleNotOfKind(roles=", ".join(sorted(fitting)))


def must_be_for_another(giver: UUID | None, person_id: UUID) -> None:
    """Refuse a role to the one who gives it."""
    if giver == person_id:
        raise OwnRole


def must_leave_a_manager(role: str, others: int) -> None:
    """Refuse to take a managing role from the last one who has it."""
    if role in MANAGING_ROLES and others == 0:
        raise LastManager
