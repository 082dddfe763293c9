"""Rules about people: which kinds of organisation hold which roles, and who must stay."""

from uuid import UUID

from service.kernel.actor import Actor
from service.kernel.i18n import N_
from service.kernel.problems import Problem, Said, WrongState
from service.parties.vocabulary import LABELS as ROLE_LABELS
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


class SecondPerson(Problem):
    """A role of review, approved by whoever asked for it or is to have it."""

    title = N_("A second person has to approve this")
    detail = N_("Roles of review are given by two people: one asks, another approves.")
    todo = N_("Ask another administrator, or another head of the institution.")


REQUEST_STATES = {"pending": N_("Pending"), "approved": N_("Approved"), "refused": N_("Refused")}
REVIEWING = frozenset({"auditor", "buyer_head", "administrator"})  # asked for by one, approved by another
MANAGING_ROLES = frozenset({"buyer_head", "supplier_manager", "administrator"})


def must_fit(role: str, kind: str) -> None:
    """Refuse a role that the kind of organisation does not have."""
    fitting = ROLES_OF_KIND[kind]
    if role not in fitting:
        raise RoleNotOfKind(roles=Said(tuple(ROLE_LABELS[one] for one in sorted(fitting))))


def must_be_for_another(giver: UUID | None, person_id: UUID) -> None:
    """Refuse a role to the one who gives it."""
    if giver == person_id:
        raise OwnRole


def must_leave_a_manager(role: str, others: int) -> None:
    """Refuse to take a managing role from the last one who has it."""
    if role in MANAGING_ROLES and others == 0:
        raise LastManager


def needs_two(by: Actor, role: str) -> bool:
    """Whether a role waits for a second person; the machine's own operator makes the first accounts alone."""
    return role in REVIEWING and not by.has("system")


def must_be_another(approver: UUID | None, *others: UUID | None) -> None:
    """Refuse the approval of one's own request or role."""
    if approver in others:
        raise SecondPerson


def must_wait(state: str) -> None:
    """Refuse to decide twice."""
    if state != "pending":
        raise WrongState.of(REQUEST_STATES, state, {"pending"})


LABELS = {
    "role.asked": N_("Role asked for"),
    "role.refused": N_("Role refused"),
    "field.asked_by": N_("asked for by"),
}
