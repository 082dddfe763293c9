"""What a signed-in person can usefully do next, by role: a count, a moment where there is one, and where to go."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.audit import desk
from service.budgets.models import BudgetLine
from service.catalog.models import Product
from service.demand.models import Demand
from service.households.models import Roster
from service.kernel.actor import Actor
from service.kernel.clock import now, today, week_of
from service.kernel.i18n import N_
from service.listings.models import Offer, SupplyLot
from service.listings.repeat import coming_week, plan
from service.menus.drafting import next_week
from service.menus.models import MenuWeek
from service.orders import known
from service.orders.models import Order
from service.orders.queries import awards
from service.parties.models import Organisation, SocialShare
from service.parties.permissions import may
from service.parties.vocabulary import SUPPLIERS
from service.people import requests
from service.programme.models import ProgrammeProfile
from service.questions.queries import count_to_answer
from service.rounds.models import Award, Round
from service.site import neighbours

SOON = timedelta(days=7)
MOST_LINKS = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `waits` says that it is this person's turn."""

    path: str
    title: str
    text: str
    action: str
    count: int | None = None
    due: datetime | None = None
    waits: bool = False
    links: tuple[tuple[str, Organisation], ...] = ()


Steps = Iterator[Step]


def steps(tx: Session, *, by: Actor) -> list[Step]:
    """The steps of all the actor's roles, those that wait for the actor first, without repeats."""
    found = [step for role in sorted(by.roles) for step in BY_ROLE.get(role, _anyone)(tx, by)]
    return sorted(dict.fromkeys(found), key=lambda step: not step.waits)


def _count(tx: Session, model: Any, *conditions: Any) -> int:
    return tx.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def _cut_off(tx: Session, by: Actor) -> Steps:
    """The next cut-off of the province (of all provinces for the nation)."""
    ahead = select(Round).where(Round.state == "open", Round.closes_at > now())
    if by.province_code:
        ahead = ahead.where(Round.province_code == by.province_code)
    row = tx.scalar(ahead.order_by(Round.closes_at).limit(1))
    if row is not None:
        yield Step("/rounds", N_("Round open"), N_("What is approved or listed by the cut-off takes part."),
                   N_("See the round"), due=row.closes_at)  # fmt: skip


def _officer(tx: Session, by: Actor) -> Steps:
    drafts = _count(tx, Demand, Demand.organisation_id == by.organisation_id, Demand.state == "draft")
    if drafts:
        yield Step("/demands?state=draft", N_("Drafts to finish"),
                   N_("A draft takes part once the head has approved its total."),
                   N_("Open the drafts"), drafts, waits=True)  # fmt: skip
    yield from _questions(tx, by)
    yield from (Step(*facts) for facts in neighbours.todo(tx, by))
    yield from _menu(tx, by)
    yield Step("/demands/new", N_("Write next week's demand"), N_("A copy of the week before is the quickest start."),
               N_("Write a demand"))  # fmt: skip
    yield from _cut_off(tx, by)
    yield from _orders(tx, by)


def _menu(tx: Session, by: Actor) -> Steps:
    """The week that a menu is planned for next: until a demand was made of it, it waits."""
    week = next_week(today())
    made = _count(tx, MenuWeek, MenuWeek.organisation_id == by.organisation_id, MenuWeek.week == week,
                  MenuWeek.demand_id.is_not(None))  # fmt: skip
    yield Step(f"/menus/plan?week={week}", N_("From the menu to the demand"),
               N_("Choose the dishes; what they need in packs and days is worked out for you."),
               N_("Plan the week"), waits=not made)  # fmt: skip


def _questions(tx: Session, by: Actor) -> Steps:
    waiting = count_to_answer(tx, by=by)
    if waiting:
        yield Step("/questions", N_("Questions that wait"), N_("Your answer is shown to every group."),
                   N_("Read and answer"), waiting, waits=True)  # fmt: skip


def _head(tx: Session, by: Actor) -> Steps:
    drafts = _count(tx, Demand, Demand.organisation_id == by.organisation_id, Demand.state == "draft")
    if drafts:
        yield Step("/demands?state=draft", N_("Demands to approve"),
                   N_("Approve the whole total before offers are seen."),
                   N_("Review and approve"), drafts, waits=True)  # fmt: skip
    yield from _questions(tx, by)
    yield from _roles(tx, by)
    yield from _cut_off(tx, by)
    lines = _count(tx, BudgetLine, BudgetLine.organisation_id == by.organisation_id)
    yield Step("/budget", N_("Budget lines"), N_("Approved demands reserve their total; what is not bought is freed."),
               N_("See the budget"), lines)  # fmt: skip
    yield from _orders(tx, by)


def _orders(tx: Session, by: Actor) -> Steps:
    active = known.orders(by).where(Order.state == "active").subquery()
    yield Step("/orders", N_("Orders in force"), N_("What comes, from whom, on which day."), N_("See the orders"),
               tx.scalar(select(func.count()).select_from(active)) or 0)  # fmt: skip


def _group(tx: Session, by: Actor) -> Steps:
    yield from _answers(
        tx, by, N_("Awards to answer"), N_("Accept all, a part, or decline with a reason. Silence expires.")
    )
    copies = plan(tx, by.organisation_id, coming_week()) if by.organisation_id and by.has("supplier_manager") else []
    if copies:
        yield Step("/listings", N_("Repeat last week"), N_("The same offers for the coming week, with one press."),
                   N_("Look and repeat"), len(copies), waits=True)  # fmt: skip
    mine = Offer.organisation_id == by.organisation_id
    active = _count(tx, Offer, mine, Offer.state == "active")
    yield Step("/listings", N_("Offers on the market"), N_("Kitchens nearby are matched to them every week."),
               N_("See our offers"), active)  # fmt: skip
    ending = _ending(tx, by)
    if ending:
        yield Step("/listings", N_("Offers that end within a week"), N_("Give them new lots to keep them."),
                   N_("Renew them"), ending)  # fmt: skip
    yield from _orders(tx, by)
    yield from _cut_off(tx, by)


def _ending(tx: Session, by: Actor) -> int:
    last = select(SupplyLot.offer_id, func.max(SupplyLot.harvest_until).label("day")).group_by(SupplyLot.offer_id)
    ends = last.subquery()
    rows = select(func.count()).select_from(Offer).join(ends, ends.c.offer_id == Offer.id)
    return tx.scalar(rows.where(Offer.organisation_id == by.organisation_id, Offer.state == "active",
                                ends.c.day < today() + SOON)) or 0  # fmt: skip


def _answers(tx: Session, by: Actor, title: str, text: str, path: str = "/awards") -> Steps:
    """Awards that wait for an answer, and until when the most urgent one may be given."""
    waiting = awards(by, state=None, open_=True, supplier_id=None).with_only_columns(Award.id, Award.respond_by)
    found = waiting.subquery()
    count, first = tx.execute(select(func.count(), func.min(found.c.respond_by)).select_from(found)).one()
    if count:
        action = N_("Answer now") if path == "/awards" else N_("See the groups to help")
        yield Step(path, title, text, action, count, due=first, waits=True)


def _facilitator(tx: Session, by: Actor) -> Steps:
    early = (None, desk.OPEN, desk.EARLY)
    due = [entry for entry in desk.entries(tx, by=by, province=by.province_code) if entry.mine not in early]
    if due:
        yield Step("/rounds", N_("Rounds that wait for you"), N_("A round is due for its next step."), N_("Go on"),
                   len(due), waits=True)  # fmt: skip
    yield from _cut_off(tx, by)
    yield from _newcomers(tx, by)
    yield from _next_round(tx, by)


def _newcomers(tx: Session, by: Actor) -> Steps:
    here = (Organisation.province_code == by.province_code,) if by.province_code else ()
    for state, title in (("submitted", N_("Organisations to check")), ("pending", N_("Organisations being checked"))):
        found = _count(tx, Organisation, Organisation.state == state, *here)
        if found or state == "submitted":
            yield Step(f"/organisations?state={state}", title, N_("Qualified organisations may trade."),
                       N_("See them"), found, waits=found > 0)  # fmt: skip


def _next_round(tx: Session, by: Actor) -> Steps:
    if by.province_code is None:
        return
    live = _count(tx, Round, Round.province_code == by.province_code, Round.state.in_(("scheduled", "open")),
                  Round.delivery_week > week_of(today()))  # fmt: skip
    if not live:
        yield Step("/rounds/new", N_("Schedule the next round"), N_("No round ahead is scheduled in your province."),
                   N_("Schedule a round"), waits=True)  # fmt: skip


def _auditor(tx: Session, by: Actor) -> Steps:
    mine = _count(tx, Round, Round.reviewer_company_id == by.organisation_id,
                  Round.state.in_(("proposed", "under_review")))  # fmt: skip
    yield Step("/rounds", N_("Rounds to review"), N_("Your company had no part in them: compare, recompute, decide."),
               N_("See the rounds"), mine, waits=mine > 0)  # fmt: skip
    yield Step("/events", N_("Event log"), N_("Who did what, when and why; verify its chain and note its head."),
               N_("Open the log"))  # fmt: skip
    yield from _cut_off(tx, by)


def _committee(tx: Session, by: Actor) -> Steps:
    profiles = _count(tx, ProgrammeProfile, ProgrammeProfile.province_code == by.province_code)
    if not profiles:
        yield Step("/profiles/new", N_("Adopt a programme profile"), N_("No round can open without one."),
                   N_("Adopt it"), waits=True)  # fmt: skip
    yield Step("/profiles", N_("Programme profile"), N_("The weights that your resolution gave every round."),
               N_("See the profile"), profiles)  # fmt: skip
    published = _count(tx, Round, Round.province_code == by.province_code, Round.state == "published")
    yield Step("/rounds", N_("Published rounds"), N_("What preference cost, and what it bought."), N_("See the rounds"),
               published)  # fmt: skip


def _centre(tx: Session, by: Actor) -> Steps:
    text = N_("Call or visit them before the time runs out; what you write down, the group confirms.")
    yield from _answers(tx, by, N_("Groups that must answer"), text, "/visits")
    yield Step("/visits", N_("Visits"), N_("Whom to visit or call first, and why."), N_("See the visit list"))
    groups = _count(tx, Organisation, Organisation.kind.in_(SUPPLIERS), Organisation.province_code == by.province_code)
    yield Step("/organisations?kind=groups", N_("Groups of your province"),
               N_("Open one to write its offers and answers."), N_("See the groups"), groups)  # fmt: skip
    yield Step("/organisations/new", N_("Register a group"), N_("The provincial company then checks it."),
               N_("Register"))  # fmt: skip


def _attester(tx: Session, by: Actor) -> Steps:
    lists = _count(tx, Roster, Roster.attester_id == by.organisation_id, Roster.state == "submitted")
    if lists:
        yield Step("/rosters", N_("Lists of members to attest"), N_("Groups wait for the tiers of their households."),
                   N_("See the lists"), lists, waits=True)  # fmt: skip
    waiting = (
        select(Organisation)
        .join(SocialShare, SocialShare.organisation_id == Organisation.id)
        .where(Organisation.province_code == by.province_code, SocialShare.attested_bp.is_(None))
        .where(SocialShare.valid_until >= today())
    )
    groups = list(tx.scalars(waiting.distinct().order_by(Organisation.id).limit(MOST_LINKS)))
    shares = tx.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    links = tuple((f"/organisations/{group.id}/shares", group) for group in groups)
    yield Step("/organisations", N_("Declared shares to attest"), N_("Until then they count by half."),
               N_("See the organisations"), shares, waits=shares > 0, links=links)  # fmt: skip


def _fund(tx: Session, by: Actor) -> Steps:
    groups = _count(tx, Organisation, Organisation.kind.in_(SUPPLIERS), Organisation.province_code == by.province_code)
    yield Step("/organisations", N_("Groups that could use working capital"),
               N_("A group shows its orders to your fund when it asks for a loan."), N_("See the groups"),
               groups)  # fmt: skip


def _roles(tx: Session, by: Actor) -> Steps:
    """Roles of review that somebody else asked for."""
    manages = may(by, "person.manage", organisation_id=by.organisation_id, province=by.province_code)
    asked = [one for one in requests.waiting(tx, by=by) if not one.is_own] if manages else []
    if asked:
        yield Step("/roles", N_("Roles that wait"), N_("Auditors, heads and administrators are named by two people."),
                   N_("Look and decide"), len(asked), waits=True)  # fmt: skip


def _administrator(tx: Session, by: Actor) -> Steps:
    yield from _roles(tx, by)
    yield Step("/organisations", N_("Organisations and their people"), N_("Open accounts, give and take roles."),
               N_("See the organisations"), _count(tx, Organisation))  # fmt: skip
    yield Step("/products", N_("Products"), N_("What can be asked for and offered, with reference prices."),
               N_("See the products"), _count(tx, Product, Product.active))  # fmt: skip


def _inspector(tx: Session, by: Actor) -> Steps:
    yield from _orders(tx, by)
    yield from _cut_off(tx, by)


def _anyone(tx: Session, by: Actor) -> Steps:
    del by
    yield Step("/products", N_("Products"), N_("What can be asked for and offered, with reference prices."),
               N_("See the products"), _count(tx, Product, Product.active))  # fmt: skip


BY_ROLE: dict[str, Callable[[Session, Actor], Steps]] = {
    "buyer_officer": _officer,
    "buyer_head": _head,
    "inspector": _inspector,
    "supplier_manager": _group,
    "supplier_member": _group,
    "facilitator": _facilitator,
    "auditor": _auditor,
    "committee_member": _committee,
    "centre_officer": _centre,
    "fund_officer": _fund,
    "attester": _attester,
    "administrator": _administrator,
}
