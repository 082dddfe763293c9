"""Who may do what: one table of verb -> role, kinds and reach. What is not listed is denied.

Reach says whose objects: `own` the actor's organisation, `province` any in the actor's province, `named` those that
name the actor's company as their reviewer (the substitute on recusal), `any` everywhere (the national company, the
operator). Actions call `require`; templates ask `may`. States beyond that are the tables of each object (`STEPS`).
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from service.kernel.actor import Actor
from service.kernel.problems import NotAllowed
from service.parties.vocabulary import BUYERS, SUPPLIERS

Reach = Literal["own", "province", "named", "any"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of the table."""

    role: str
    kinds: frozenset[str]
    reach: Reach


def _buyer(*roles: str) -> list[Grant]:
    return [Grant(role, BUYERS, "own") for role in roles]


def _supplier(*roles: str) -> list[Grant]:
    return [Grant(role, SUPPLIERS, "own") for role in roles]


_PROVINCIAL = frozenset({"provincial_company"})
_NATIONAL = frozenset({"national_company"})
_FACILITATES = [Grant("facilitator", _PROVINCIAL, "province"), Grant("facilitator", _NATIONAL, "any")]
_AUDITS = [Grant("auditor", _PROVINCIAL, "province"), Grant("auditor", _NATIONAL, "any")]
# Beside its own province, a company reaches a round elsewhere once it is named there: procedure/recusal.py names it.
_REVIEWS = [*_AUDITS, Grant("auditor", _PROVINCIAL, "named")]
_ASSISTS = [Grant("centre_officer", frozenset({"service_centre"}), "province")]
_COMMITTEE = [Grant("committee_member", frozenset({"provincial_committee"}), "province")]
_OPERATES = [Grant("administrator", frozenset({"operator"}), "any")]
_ATTESTS = [Grant("attester", frozenset({"attesting_agency"}), "province")]

GRANTS: dict[str, list[Grant]] = {
    "organisation.register": [*_FACILITATES, *_ASSISTS, *_OPERATES],
    "organisation.edit": [*_buyer("buyer_head"), *_supplier("supplier_manager"), *_FACILITATES, *_ASSISTS],
    "organisation.qualify": _FACILITATES,
    "organisation.suspend": [*_FACILITATES, *_AUDITS],
    "organisation.see_contact": [
        *_buyer("buyer_officer", "buyer_head", "inspector"),
        *_supplier("supplier_manager", "supplier_member"),
        *_FACILITATES,
        *_AUDITS,
        *_ASSISTS,
        *_OPERATES,
    ],
    "person.manage": [*_buyer("buyer_head"), *_supplier("supplier_manager"), *_OPERATES],
    # Codes, PINs and lost authenticators; recovery/help.py keeps service centres to groups.
    "person.help": [*_buyer("buyer_head"), *_supplier("supplier_manager"), *_ASSISTS, *_OPERATES],
    "conflict.declare": [
        *_buyer("buyer_officer", "buyer_head"),
        *_supplier("supplier_manager"),
        *_FACILITATES,
        *_AUDITS,
    ],
    "social.declare": [*_supplier("supplier_manager"), *_ASSISTS],
    "social.attest": _ATTESTS,
    "social.see": [*_supplier("supplier_manager", "supplier_member"), *_ATTESTS, *_FACILITATES, *_AUDITS, *_ASSISTS],
    # A roster is its group's and its one agency's: `own` is the group for the first, the named agency for the second.
    "roster.edit": _supplier("supplier_manager"),
    "roster.attest": [Grant("attester", frozenset({"attesting_agency"}), "own")],
    "person.export_data": _OPERATES,
    "notice.replay": _OPERATES,
    "webhook.manage": [*_buyer("buyer_head"), *_supplier("supplier_manager")],
    "person.erase": _OPERATES,
    # A group alone shows its income to others, on paper with a code.
    "income.show": _supplier("supplier_manager"),
    "income.see": [*_supplier("supplier_manager", "supplier_member"), *_FACILITATES, *_AUDITS],
    "catalog.edit": [*_OPERATES, Grant("facilitator", _NATIONAL, "any")],
    "reference_price.edit": [*_FACILITATES, *_OPERATES],
    "certificate.add": [*_supplier("supplier_manager"), *_ASSISTS],
    "certificate.revoke": [*_supplier("supplier_manager"), *_FACILITATES, *_AUDITS],
    "listing.edit": _supplier("supplier_manager"),
    "listing.assist": _ASSISTS,  # offers of every state with their exact lots, never their price
    "listing.see_price": _supplier("supplier_manager", "supplier_member"),
    "listing.suspend": [*_FACILITATES, *_AUDITS],
    "budget.edit": _buyer("buyer_officer", "buyer_head"),
    "budget.see": _buyer("buyer_officer", "buyer_head", "inspector"),
    "calendar.see": _buyer("buyer_officer", "buyer_head", "inspector"),
    "calendar.edit": _buyer("buyer_officer", "buyer_head"),
    "holiday.edit": _OPERATES,
    "menu.see": _buyer("buyer_officer", "buyer_head", "inspector"),
    "menu.edit": _buyer("buyer_officer", "buyer_head"),
    "demand.edit": _buyer("buyer_officer", "buyer_head"),
    "demand.see": [*_buyer("buyer_officer", "buyer_head", "inspector"), *_FACILITATES, *_AUDITS],
    "demand.approve": _buyer("buyer_head"),
    "demand.print": _buyer("buyer_officer", "buyer_head", "inspector"),
    "recurring.edit": _buyer("buyer_officer", "buyer_head"),
    "recurring.see": _buyer("buyer_officer", "buyer_head", "inspector"),
    # A kitchen sees the pools of its district and takes part for itself alone.
    "pool.take_part": _buyer("buyer_officer", "buyer_head"),
    "pool.see": [*_buyer("buyer_officer", "buyer_head"), *_FACILITATES, *_AUDITS],
    "committee.name": _buyer("buyer_officer", "buyer_head"),
    "committee.see": [*_buyer("buyer_officer", "buyer_head", "inspector"), *_AUDITS],
    "question.ask": _supplier("supplier_manager", "supplier_member"),
    "question.answer": _buyer("buyer_officer", "buyer_head"),
    # Questions that are not published, without their author; the answered ones are everyone's.
    "question.see": [*_buyer("buyer_officer", "buyer_head", "inspector"), *_AUDITS],
    "profile.adopt": _COMMITTEE,
    "round.schedule": _FACILITATES,
    "round.close": _FACILITATES,
    "round.propose": _FACILITATES,
    "round.override": _FACILITATES,
    "round.review": _REVIEWS,
    "round.publish": [*_FACILITATES, *_REVIEWS],
    "round.replay": _REVIEWS,
    "round.compare": [*_FACILITATES, *_REVIEWS, *_COMMITTEE],
    "round.see_result": [*_FACILITATES, *_REVIEWS, *_COMMITTEE],
    "award.answer": _supplier("supplier_manager"),
    "today.see": _supplier("supplier_manager", "supplier_member"),
    # A centre writes down what a group asks for; the group confirms, and only then does it happen.
    "entry.make": _ASSISTS,
    "entry.decide": _supplier("supplier_manager"),
    "visit.see": _ASSISTS,
    "award.see": [
        *_buyer("buyer_officer", "buyer_head", "inspector"),
        *_supplier("supplier_manager", "supplier_member"),
        *_FACILITATES,
        *_AUDITS,
        *_ASSISTS,
    ],
    "order.see": [
        *_buyer("buyer_officer", "buyer_head", "inspector"),
        *_supplier("supplier_manager", "supplier_member"),
        *_FACILITATES,
        *_AUDITS,
        *_ASSISTS,
    ],
    "events.see": _AUDITS,
}


def may(
    by: Actor | None,
    verb: str,
    *,
    organisation_id: UUID | None = None,
    province: str | None = None,
    reviewer_id: UUID | None = None,
) -> bool:
    """Whether the actor may do the verb to an object of that organisation and province, reviewed by that company."""
    if by is None:
        return False
    if by.has("system"):
        return True
    return any(_covers(grant, by, organisation_id, province, reviewer_id) for grant in GRANTS.get(verb, []))


def require(
    by: Actor,
    verb: str,
    *,
    organisation_id: UUID | None = None,
    province: str | None = None,
    reviewer_id: UUID | None = None,
) -> None:
    """Refuse with NotAllowed unless the actor may."""
    if not may(by, verb, organisation_id=organisation_id, province=province, reviewer_id=reviewer_id):
        raise NotAllowed


def _covers(
    grant: Grant, by: Actor, organisation_id: UUID | None, province: str | None, reviewer_id: UUID | None
) -> bool:
    if grant.role not in by.roles or by.organisation_kind not in grant.kinds:
        return False
    match grant.reach:
        case "own":
            return organisation_id is not None and organisation_id == by.organisation_id
        case "province":
            return province is not None and province == by.province_code
        case "named":
            return reviewer_id is not None and reviewer_id == by.organisation_id
        case "any":
            return True
