"""Rules about people: which kinds of organisation hold which roles, and who must stay."""

from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.parties.vocabulary import ROLES_OF_KIND


class RoleNotOfKind(Problem):
    """A role that this kind of organisation does not have."""

    title = N_("This role does not fit the organisation")
    detail = N_("An organisation of this kind has no such role.")
    todo = N_("Choose one of: {roles}.")


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


def must_leave_a_manager(role: str, others: int) -> None:
    """Refuse to take a managing role from the last one who has it."""
    if role in MANAGING_ROLES and others == 0:
        raise LastManager
