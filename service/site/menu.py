"""What the navigation offers an actor: each entry an address and a label, by role."""

from dataclasses import dataclass

from service.kernel.actor import Actor
from service.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class Entry:
    """A place to go."""

    path: str
    label: str


_QUESTIONS = Entry("/questions", N_("Questions"))
_BUYER = [
    Entry("/menus/plan", N_("Menu")),
    Entry("/demands", N_("Demands")),
    Entry("/pools", N_("Buying together")),
    _QUESTIONS,
    Entry("/rounds", N_("Rounds")),
    Entry("/orders", N_("Orders")),
    Entry("/budget", N_("Budget")),
]
_SUPPLIER = [
    Entry("/today", N_("Today")),
    Entry("/awards", N_("Awards")),
    Entry("/listings", N_("Listings")),
    _QUESTIONS,
    Entry("/orders", N_("Orders")),
]
_INCOME = Entry("/income", N_("Income"))
_ROSTERS = Entry("/rosters", N_("Lists of members"))
_COMPANY = [
    Entry("/rounds", N_("Rounds")),
    Entry("/listings", N_("Listings")),
    Entry("/organisations", N_("Organisations")),
]
BY_ROLE = {
    "buyer_officer": _BUYER,
    "buyer_head": _BUYER,
    "inspector": [Entry("/orders", N_("Orders"))],
    "supplier_manager": [*_SUPPLIER, _INCOME, _ROSTERS],
    "supplier_member": [*_SUPPLIER, _INCOME],
    "facilitator": _COMPANY,
    "auditor": [*_COMPANY, Entry("/events", N_("Event log"))],
    "committee_member": [Entry("/rounds", N_("Rounds")), Entry("/profiles", N_("Programme profile"))],
    "centre_officer": [
        Entry("/visits", N_("Visits")),
        Entry("/awards", N_("Awards")),
        Entry("/listings", N_("Listings")),
        Entry("/organisations", N_("Organisations")),
    ],
    "attester": [_ROSTERS, Entry("/organisations", N_("Organisations"))],
    "administrator": [
        Entry("/organisations", N_("Organisations")),
        Entry("/roles", N_("Roles that wait")),
        Entry("/privacy/requests", N_("Requests about personal data")),
        Entry("/notices/log", N_("Deliveries of notices")),
    ],
}
EVERYONE = [Entry("/products", N_("Products"))]


def menu(actor: Actor | None) -> list[Entry]:
    """The entries of an actor's navigation, without repeats."""
    if actor is None:
        return EVERYONE
    entries = [entry for role in sorted(actor.roles) for entry in BY_ROLE.get(role, [])]
    return list(dict.fromkeys([*entries, *EVERYONE]))
