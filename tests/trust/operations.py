"""Who may do what, operation by operation, written down by hand from the product's description.

`may` names those who are let in (what they ask for may still be refused as a conflict). Of the others, those under
`known` are refused with 403, everybody else finds nothing there (404). `PUBLIC` is for nobody in particular too.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from service.kernel.clock import now, today
from service.parties.vocabulary import Measure
from service.pools.rules import usual_end
from tests.make import next_week
from tests.trust.world import CAST, SIDES

ALL = frozenset(CAST)
OF_SCHOOL, OF_GROUP = "officer head inspector", "manager member"
FACILITATE, AUDIT = "facilitator n-facilitator", "auditor n-auditor"
SEE_RESULT = f"{FACILITATE} {AUDIT} committee"
SEE_AWARD = f"{OF_SCHOOL} {OF_GROUP} {FACILITATE} {AUDIT} centre"
WEEK = str(next_week())
assert SIDES


def names(text: str) -> frozenset[str]:
    """The cast by name; `all` are all of them."""
    words = frozenset(text.split())
    left = frozenset(word[1:] for word in words if word[0] == "-")
    held = frozenset(word for word in words if word[0] != "-")
    assert held | left <= ALL | {"all"}, words
    return (ALL if "all" in held else held) - left


@dataclass(frozen=True)
class Operation:
    """One operation in its skins (API, page): who may, who is refused openly, what is sent, on which rows."""

    routes: tuple[str, ...]
    may: frozenset[str]
    known: frozenset[str]
    body: Any = None
    form: dict[str, str] | None = None
    rows: dict[str, str] = field(default_factory=dict)
    query: str = ""
    stumble: frozenset[str] = frozenset()  # who may, but stumbles over what is sent (422)
    public: bool = False


def to(routes: str, may: str, *, known: str = "all", stumble: str = "", **more: Any) -> Operation:
    """An operation; routes are written `METHOD /path`, one a line or apart by ` | `."""
    listed = tuple(route.strip() for part in routes.splitlines() for route in part.split("|") if route.strip())
    return Operation(listed, names(may), names(known), stumble=names(stumble), **more)


LOT = {"harvest_from": WEEK, "harvest_until": WEEK, "capacity_day": 20, "capacity_week": 20}
NEED = {
    "product_code": "MORNING-GLORY",
    "quantity": 10,
    "delivery_date": WEEK,
    "ceiling_satang": 2000,
    "most_awards": 0,
}
DEMAND = {"title": "Greens", "delivery_week": WEEK, "budget_line_id": "@budget_line_id", "method": "direct",
          "legal_ground": "Promotion of agricultural products", "lines": [NEED]}  # fmt: skip
DEMAND_FORM = {name: value for name, value in DEMAND.items() if isinstance(value, str)} | {
    "lines-0-product_code": "MORNING-GLORY", "lines-0-quantity": "10", "lines-0-delivery_date": "0",
    "lines-0-ceiling_satang": "20",
}  # fmt: skip
BUDGET = {"fiscal_year": 2027, "name": "Lunch", "source": "State", "amount_satang": 10_000_000}
ORGANISATION = {"kind": "farmer_group", "scheme": "TEST", "registration_id": "new-one", "name_th": "A new group",
                "subdistrict_code": "450101"}  # fmt: skip
CERTIFICATE = {"kind_code": "GAP", "number": "C-new", "issued_on": "2026-01-01", "expires_on": "2031-01-01"}
SHARE = {"measure": Measure.INCOME_SHARING.value, "declared_bp": 3000, "valid_from": str(today()),
         "valid_until": str(today() + timedelta(days=300))}  # fmt: skip
CONFLICT = {"other_id": "@group-2", "reason": "a cousin", "valid_from": str(today())}
PERSON = {"username": "someone-new", "display_name": "Someone", "password": "a-long-word-of-tests"}
PROFILE = {"province_code": "45", "resolution_number": "2/2569", "resolution_date": "2026-02-05",
           "valid_from": "2026-02-06"}  # fmt: skip
PERCENTS = ("poor_labour_bp", "local_resource_bp", "income_sharing_bp", "proximity_bp", "equity_bp", "priority_area_bp",
            "total_cap_bp", "tier_1", "tier_2", "tier_3", "tier_4", "family_share_bp", "family_penalty_bp",
            "reserved_share_bp", "reserved_least_labour_bp", "reserved_penalty_bp", "labour_content_bp",
            "substitute_rank_bp")  # fmt: skip
AMOUNTS = ("shortage_factor", "shortage_factor_care", "trip_base_satang", "trip_per_km_satang", "pickup_satang",
           "household_year_ceiling_satang", "owner_week_ceiling_satang")  # fmt: skip
PROFILE_FORM = PROFILE | dict.fromkeys((*PERCENTS, *AMOUNTS), "10")
ROUND = {"province_code": "45", "delivery_week": "@free week", "opens_at": now().isoformat(),
         "closes_at": (now() + timedelta(hours=3)).isoformat()}  # fmt: skip
PRICE = {"product_code": "MORNING-GLORY", "province_code": "45", "week": WEEK, "lower_satang": 1, "median_satang": 2,
         "upper_satang": 3, "sample_size": 30, "source": "walk"}  # fmt: skip
WHY = {"reason": "because of tests"}
STAMPED = {"_version": "1"}
QUESTION = {"text": "In bags or in boxes?", "line_id": "@planned line"}

# fmt: off
OPEN = [
    to("""GET / | GET /health | GET /problems | GET /problems/{slug} | GET /sign-in | GET /products
       GET /profiles | GET /products/{code} | GET /api/v1/openapi.json | GET /api/v1/provinces
       GET /api/v1/products | GET /api/v1/products/{code} | GET /api/v1/profiles
       GET /api/v1/certificate-kinds""", "all", public=True),
    to("GET /api/v1/provinces/{code}/districts", "all", rows={"code": "province"}, public=True),
    to("GET /api/v1/districts/{code}/subdistricts", "all", rows={"code": "district"}, public=True),
    to("GET /api/v1/products/{code}/ceiling-limit", "all", query=f"?province=45&week={WEEK}", public=True),
    to("GET /api/v1/products/{code}/prices | GET /api/v1/products/{code}/spread | GET /products/{code}/prices", "all",
       query="?province=45", public=True),
    to("GET /recovery | POST /recovery | POST /api/v1/access-codes/requests", "all", body={"email": "a@b.example"},
       form={"email": "a@b.example"}, public=True),
    to("POST /language", "all", form={"lang": "en"}, public=True),
]
# fmt: on
# fmt: off
SIGNED_IN = [
    to("""GET /api/v1/organisations | GET /api/v1/rounds | GET /api/v1/offers | GET /api/v1/demands
       GET /api/v1/awards | GET /api/v1/orders | GET /organisations | GET /rounds | GET /listings
       GET /demands | GET /awards | GET /orders | GET /api/v1/certificates""", "all"),
    to("GET /api/v1/organisations/{organisation_id} | GET /organisations/{organisation_id}", "all"),
    to("GET /api/v1/rounds/{round_id} | GET /rounds/{round_id} | GET /rounds/{round_id}/progress", "all"),
    to("GET /api/v1/offers/{offer_id} | GET /listings/{offer_id}", "all"),
    to("GET /api/v1/demands/{demand_id} | GET /demands/{demand_id}", "all"),
]
# fmt: on
# fmt: off
PARTIES = [
    to("POST /api/v1/organisations | POST /organisations/new", f"{FACILITATE} centre administrator",
       body=ORGANISATION, form=ORGANISATION),
    to("GET /organisations/new", f"{FACILITATE} centre administrator company-9 centre-9"),
    to("PATCH /api/v1/organisations/{organisation_id}", f"manager {FACILITATE} centre", body={"phone": "043"}),
    to("GET /organisations/{organisation_id}/edit", f"manager {FACILITATE} centre"),
    to("POST /organisations/{organisation_id}/edit", f"manager {FACILITATE} centre",
       form={"version": "1", "phone": "043"}),
    to("POST /api/v1/organisations/{organisation_id}/steps | POST /organisations/{organisation_id}/steps",
       FACILITATE, body={"to": "qualified", **WHY}, form={"to": "qualified", **WHY},
       rows={"organisation_id": "newcomer"}),
    to("POST /api/v1/organisations/{organisation_id}/steps | POST /organisations/{organisation_id}/steps",
       f"{FACILITATE} {AUDIT}", body={"to": "suspended", **WHY}, form={"to": "suspended", **WHY}),
    to("""GET /api/v1/organisations/{organisation_id}/social-shares | GET /organisations/{organisation_id}/shares""",
       f"{OF_GROUP} attester {FACILITATE} {AUDIT} centre"),
    to("POST /api/v1/organisations/{organisation_id}/social-shares", "manager centre", body=SHARE),
    to("POST /organisations/{organisation_id}/shares", "manager centre", form=SHARE | {"declared_bp": "30"}),
    to("POST /api/v1/social-shares/{share_id}/attestation", "attester",
       body={"attested_bp": 3000, "evidence": "seen on site"}),
    to("POST /organisations/{organisation_id}/shares/{share_id}/attestation", "attester",
       form={"attested_bp": "30", "evidence": "seen on site"}),
    to("""GET /api/v1/organisations/{organisation_id}/conflicts | GET /organisations/{organisation_id}/conflicts""",
       f"manager {FACILITATE} {AUDIT}"),
    to("""POST /api/v1/organisations/{organisation_id}/conflicts | POST /organisations/{organisation_id}/conflicts""",
       f"manager {FACILITATE} {AUDIT}", body=CONFLICT, form=CONFLICT),
]
# fmt: on
# fmt: off
PEOPLE = [
    to("GET /api/v1/organisations/{organisation_id}/people | GET /organisations/{organisation_id}/people",
       "manager administrator"),
    to("POST /api/v1/organisations/{organisation_id}/people | POST /organisations/{organisation_id}/people",
       "manager administrator", body=PERSON | {"roles": ["supplier_member"]},
       form=PERSON | {"roles": "supplier_member"}),
    to("POST /api/v1/organisations/{organisation_id}/people/{person_id}/roles", "manager administrator",
       body={"role": "supplier_manager"}),
    to("POST /organisations/{organisation_id}/people/{person_id}/roles/{change}", "manager administrator",
       form={"role": "supplier_manager"}),
    to("DELETE /api/v1/organisations/{organisation_id}/people/{person_id}/roles/{role}", "manager administrator",
       rows={"role": "held role"}),
]
DECIDE = "head manager administrator buyer-2 buyer-9 group-2 group-9 trader"  # who manage people of their own
PEOPLE += [
    to("GET /api/v1/role-requests | GET /roles", DECIDE),
    to("POST /api/v1/role-requests/{request_id}/approval", "head administrator", known=""),
    to("POST /api/v1/role-requests/{request_id}/refusal", "head administrator", known="", body=WHY),
    to("POST /roles/{request_id}/approve | POST /roles/{request_id}/refuse", "head administrator",
       known=" ".join(sorted(ALL - names(DECIDE))), form=WHY),
]
HELPERS = "manager centre administrator"
HELP = [
    to("""GET /organisations/{organisation_id}/accounts | GET /organisations/{organisation_id}/accounts/{person_id}
       POST /organisations/{organisation_id}/accounts/{person_id}/code
       POST /api/v1/organisations/{organisation_id}/people/{person_id}/access-codes""", HELPERS),
    to("""POST /api/v1/organisations/{organisation_id}/people/{person_id}/pin
       POST /organisations/{organisation_id}/accounts/{person_id}/pin""", HELPERS, body={"pin": "482915"},
       form={"pin": "482915"}),
    to("""POST /api/v1/organisations/{organisation_id}/people/{person_id}/invitations
       POST /organisations/{organisation_id}/accounts/{person_id}/invitation""", HELPERS,
       body={"email": "a@b.example"}, form={"email": "a@b.example"}),
    to("""POST /api/v1/organisations/{organisation_id}/people/{person_id}/second-factor-removal
       POST /organisations/{organisation_id}/accounts/{person_id}/second-factor/remove""", HELPERS, body=WHY, form=WHY),
]
# fmt: on
# fmt: off
CATALOG = [
    to("PUT /api/v1/products/{code}", "n-facilitator administrator",
       body={"name_th": "Kale", "name_en": "Kale", "family": "agriculture", "unit": "KGM"}),
    to("POST /api/v1/reference-prices", f"{FACILITATE} administrator", body=PRICE),
    to("POST /api/v1/certificates", "manager centre", body=CERTIFICATE | {"organisation_id": "@group"}),
    to("POST /certificates", "manager centre", form=CERTIFICATE | {"organisation_id": "@group"}, query="?for=@group"),
    to("POST /api/v1/certificates/{certificate_id}/revoke", f"manager {FACILITATE} {AUDIT}", body=WHY),
    to("POST /certificates/{certificate_id}/revoke", f"manager {FACILITATE} {AUDIT}", form=WHY),
    to("GET /certificates", "manager member group-2 group-9 centre centre-9", known=""),
    to("GET /certificates", "all", query="?for=@group"),
]
# fmt: on
# fmt: off
LISTINGS = [
    to("POST /api/v1/offers", "manager",
       body={"product_code": "MORNING-GLORY", "price_satang": 2000, "lots": [LOT], "organisation_id": "@group"}),
    to("GET /listings/new", "manager centre", query="?for=@group"),
    to("POST /listings/new", "manager", query="?for=@group&product=MORNING-GLORY",
       form={"price": "20", "lots-0-harvest_from": WEEK, "lots-0-harvest_until": WEEK, "lots-0-capacity_day": "20"}),
    to("POST /api/v1/offers/repeat-last-week", "manager", body={"organisation_id": "@group"}),
    to("POST /listings/repeat", "manager", query="?for=@group", form={}),
    to("PATCH /api/v1/offers/{offer_id}", "manager", body={"reach_km": 50}),
    to("POST /listings/{offer_id}", "manager", form={"version": "1", "reach_km": "50"}),
    to("POST /api/v1/offers/{offer_id}/repeat | POST /api/v1/offers/{offer_id}/withdraw", "manager", body={}),
    to("POST /listings/{offer_id}/{step}", "manager", form={"version": "1"}),
    to("POST /api/v1/offers/{offer_id}/suspend", f"manager {FACILITATE} {AUDIT}", body=WHY),
    to("POST /api/v1/offers/{offer_id}/resume", "manager", rows={"offer_id": "paused offer"},
       known=f"manager member centre {FACILITATE} {AUDIT}"),
    to("POST /api/v1/offers/{offer_id}/publish", "manager", rows={"offer_id": "draft offer"},
       known=f"manager member centre {FACILITATE} {AUDIT}"),
    to("GET /api/v1/offers/{offer_id} | GET /listings/{offer_id}", f"{OF_GROUP} centre {FACILITATE} {AUDIT}",
       rows={"offer_id": "draft offer"}, known=""),
]
# fmt: on
NOT_A_KITCHEN = "all -trader -buyer-2 -buyer-9"  # another kitchen does not know of the school's money
BUYING = "officer head buyer-2 buyer-9 trader"  # who writes for a kitchen of their own
NEIGHBOURS, MEMBERS = "officer head buyer-2 trader", "officer head buyer-2"  # kitchens of a district; who joined
AROUND = "all -buyer-9 -company-9"  # who may know that a pool of the school's district could be there
POOL = {"title": "Greens", "delivery_week": WEEK, "join_by": usual_end(next_week()).isoformat(), "lines": [NEED]}
POOL_FORM = DEMAND_FORM | {"join_by": str(POOL["join_by"])}
del POOL_FORM["budget_line_id"], POOL_FORM["method"], POOL_FORM["legal_ground"]
SHARE_OF_POOL = {"lines": [{"position": 0, "quantity": 5}]}
OF_POOL = {"budget_line_id": "@budget_line_id", "method": "direct", "legal_ground": "Promotion of agriculture"}
# fmt: off
DEMANDS = [
    to("GET /api/v1/budget-lines", f"{BUYING} inspector"),
    to("GET /budget", f"{BUYING} inspector"),
    to("POST /api/v1/budget-lines", BUYING, body=BUDGET),
    to("POST /budget", BUYING, form={**{k: str(v) for k, v in BUDGET.items()}, "amount_satang": "100"}),
    to("GET /api/v1/budget-lines/{budget_line_id}", OF_SCHOOL, known=NOT_A_KITCHEN),
    to("GET /budget/{budget_line_id}", "officer head", known=NOT_A_KITCHEN),
    to("PATCH /api/v1/budget-lines/{budget_line_id}", "officer head", known=NOT_A_KITCHEN, body={"name": "Dinner"}),
    to("POST /budget/{budget_line_id}", "officer head", known=NOT_A_KITCHEN, form={"_version": "1", "name": "Dinner"}),
    to("GET /demands/new | GET /demands/template.xlsx | GET /demands/template.csv", BUYING),
    to("POST /api/v1/demands/lines-of-file", BUYING, stumble=BUYING,
       body={"content": "bm90aGluZw==", "delivery_week": WEEK}),
    to("POST /api/v1/demands", BUYING, body=DEMAND, stumble="trader buyer-2 buyer-9"),
    to("POST /demands/new", BUYING, form=DEMAND_FORM, stumble="trader buyer-2 buyer-9"),
    to("GET /api/v1/demands/{demand_id} | GET /demands/{demand_id}", OF_SCHOOL, known="",
       rows={"demand_id": "draft"}),
    to("""GET /demands/{demand_id}/edit | GET /demands/{demand_id}/outlook | GET /api/v1/demands/{demand_id}/outlook""",
       "officer head", known="inspector", rows={"demand_id": "draft"}),
    to("PATCH /api/v1/demands/{demand_id}", "officer head", known="inspector", rows={"demand_id": "draft"},
       body={"title": "More greens"}),
    to("POST /demands/{demand_id}/edit", "officer head", known="inspector", rows={"demand_id": "draft"},
       form=DEMAND_FORM | STAMPED),
    to("POST /api/v1/demands/{demand_id}/approve | POST /demands/{demand_id}/approve", "head",
       known="officer inspector", rows={"demand_id": "draft"}, form=STAMPED),
    to("POST /api/v1/recurring-demands", "officer head", known=NOT_A_KITCHEN,
       body={"demand_id": "@draft", "rhythm": "weekly", "first_week": "@free week"}),
    to("GET /recurring/new", "officer head", query="?demand=@planned"),
    to("POST /recurring/new", "officer head", query="?demand=@planned",
       form={"title": "Again", "rhythm": "weekly", "first_week": "@free week", "lead_days": "10"}),
    to("GET /api/v1/recurring-demands | GET /recurring", f"{BUYING} inspector"),
    to("""GET /api/v1/recurring-demands/{recurring_id} | GET /api/v1/recurring-demands/{recurring_id}/cycles
       GET /recurring/{recurring_id}""", OF_SCHOOL, known=NOT_A_KITCHEN),
    to("""PATCH /api/v1/recurring-demands/{recurring_id} | POST /recurring/{recurring_id}
       POST /api/v1/recurring-demands/{recurring_id}/pause | POST /recurring/{recurring_id}/pause
       POST /api/v1/recurring-demands/{recurring_id}/resume | POST /recurring/{recurring_id}/resume""", "officer head",
       known=NOT_A_KITCHEN, body={"title": "Again"},
       form=STAMPED | {"title": "Again", "rhythm": "weekly", "lead_days": "10"}),
    to("GET /pools/new", BUYING),
    to("POST /api/v1/pools", BUYING, body=POOL),
    to("POST /pools/new", BUYING, form=POOL_FORM),
    to("GET /api/v1/pools | GET /pools", f"{BUYING} {FACILITATE} {AUDIT} company-9"),
    to("GET /api/v1/pools/{pool_id} | GET /pools/{pool_id}", f"{NEIGHBOURS} {FACILITATE} {AUDIT}", known=AROUND),
    to("PATCH /api/v1/pools/{pool_id} | POST /pools/{pool_id}/edit", "officer head", known=AROUND,
       body={"title": "Rice"}, form=STAMPED | {"title": "Rice"}),
    to("GET /pools/{pool_id}/edit", "officer head", known=AROUND),
    to("POST /api/v1/pools/{pool_id}/membership | POST /pools/{pool_id}/membership", NEIGHBOURS, known=AROUND,
       body=SHARE_OF_POOL, form={"lines-0-position": "0", "lines-0-quantity": "5"}),
    to("GET /api/v1/pools/{pool_id}/membership", MEMBERS,
       known=f"{AROUND} -trader -facilitator -auditor -n-facilitator -n-auditor"),
    to("PATCH /api/v1/pools/{pool_id}/membership", MEMBERS, known=f"{AROUND} -trader", body=SHARE_OF_POOL),
    to("POST /api/v1/pools/{pool_id}/leave | POST /pools/{pool_id}/leave", MEMBERS, known=f"{AROUND} -trader",
       form=STAMPED),
    to("POST /api/v1/pools/{pool_id}/close | POST /pools/{pool_id}/close", MEMBERS, known=AROUND, form=STAMPED),
    to("POST /api/v1/pools/{pool_id}/call-off | POST /pools/{pool_id}/call-off", "officer head", known=AROUND, body=WHY,
       form=WHY | STAMPED),
    to("POST /api/v1/pools/{pool_id}/draft | POST /pools/{pool_id}/draft", MEMBERS, known=f"{AROUND} -trader",
       stumble="buyer-2", rows={"pool_id": "closed pool"}, body=OF_POOL, form=OF_POOL),
    to("GET /api/v1/demands/{demand_id}/pool", "all", rows={"demand_id": "planned"}),
    to("GET /api/v1/demands/{demand_id}/request | GET /demands/{demand_id}/request.pdf", OF_SCHOOL,
       rows={"demand_id": "planned"}),
    to("GET /api/v1/demands/{demand_id}/committee | GET /demands/{demand_id}/committee", f"{OF_SCHOOL} {AUDIT}",
       rows={"demand_id": "planned"}),
    to("PUT /api/v1/demands/{demand_id}/committee | POST /demands/{demand_id}/committee", "officer head",
       known="inspector", rows={"demand_id": "draft"}, stumble="officer head",
       body={"seats": [{"person_id": "@person member", "kind": "chair"}]}, form=STAMPED | {"chair": "@person member"}),
    to("POST /api/v1/demands/{demand_id}/amendments | POST /demands/{demand_id}/amend", "officer head",
       rows={"demand_id": "planned"}, body={"lines": [{"line_id": "@planned line", "quantity": 7}], "code": "menu"},
       form=STAMPED | {"lines-0-line_id": "@planned line", "lines-0-quantity": "7", "code": "menu"}),
    to("GET /api/v1/demands/{demand_id}/amendments", f"{OF_SCHOOL} {FACILITATE} {AUDIT}",
       rows={"demand_id": "planned"}),
    to("GET /demands/{demand_id}/amend", "officer head", rows={"demand_id": "planned"}),
    to("""POST /api/v1/demands/{demand_id}/amendments/{amendment_id}/approve
       POST /demands/{demand_id}/amendments/{amendment_id}/{verdict}""", "head", rows={"demand_id": "planned"}),
    to("POST /api/v1/demands/{demand_id}/amendments/{amendment_id}/refuse", "head", rows={"demand_id": "planned"}),
    to("GET /api/v1/questions | GET /questions", "all"),
    to("""GET /api/v1/demands/{demand_id}/questions | GET /demands/{demand_id}/questions
       GET /api/v1/demands/{demand_id}/question-time""", "all", rows={"demand_id": "planned"}),
    to("""GET /api/v1/demands/{demand_id}/questions | GET /demands/{demand_id}/questions
       GET /api/v1/demands/{demand_id}/question-time""", OF_SCHOOL, known="", rows={"demand_id": "draft"}),
    to("POST /api/v1/demands/{demand_id}/questions | POST /demands/{demand_id}/questions",
       f"{OF_GROUP} group-2 group-9", rows={"demand_id": "planned"}, body=QUESTION, form=QUESTION),
    to("""POST /api/v1/demands/{demand_id}/questions/{question_id}/answer
       POST /demands/{demand_id}/questions/{question_id}/answer
       POST /api/v1/demands/{demand_id}/questions/{question_id}/correct
       POST /demands/{demand_id}/questions/{question_id}/correct""", "officer head", rows={"demand_id": "planned"},
       body={"answer": "In bags"}, form=STAMPED | {"answer": "In bags"}),
    to("""POST /api/v1/demands/{demand_id}/questions/{question_id}/decline
       POST /demands/{demand_id}/questions/{question_id}/decline""", "officer head", rows={"demand_id": "planned"},
       body={"code": "price"}, form=STAMPED | {"code": "price"}),
    to("PUT /api/v1/demands/{demand_id}/question-time | POST /demands/{demand_id}/questions/last-day", "officer head",
       rows={"demand_id": "planned"}, body={"last_day": str(today())},
       form={"_version": "0", "last_day": str(today())}),
    to("POST /api/v1/demands/{demand_id}/reopen | POST /demands/{demand_id}/reopen", "head",
       rows={"demand_id": "planned"}, body=WHY, form=WHY),
    to("POST /api/v1/demands/{demand_id}/cancel | POST /demands/{demand_id}/cancel", "officer head",
       rows={"demand_id": "planned"}, body=WHY, form=WHY),
    to("POST /api/v1/demands/{demand_id}/copy | POST /demands/{demand_id}/copy", "officer head",
       rows={"demand_id": "planned"}, body={"delivery_week": "@free week"}, form={"delivery_week": "@free week"}),
]
# fmt: on
# fmt: off
BY_HAND = {"offer_id": "@offer_id", "quantity": "0", "reason": "emergency", "note": "tests"}
ROUNDS = [
    to("GET /profiles/new", "committee committee-9"),
    to("POST /api/v1/profiles", "committee", body=PROFILE | {"weights": {}}),
    to("POST /profiles/new", "committee", form=PROFILE_FORM),
    to("GET /rounds/new", f"{FACILITATE} company-9"),
    to("POST /api/v1/rounds", FACILITATE, body=ROUND),
    to("POST /rounds/new", FACILITATE, form=ROUND),
    to("POST /rounds/{round_id}/open", FACILITATE, rows={"round_id": "scheduled"}, form=STAMPED),
    to("POST /api/v1/rounds/{round_id}/close | POST /rounds/{round_id}/close", FACILITATE, rows={"round_id": "open"},
       body={"note": "tests"}, form=WHY),
    to("POST /api/v1/rounds/{round_id}/solve | POST /rounds/{round_id}/solve", FACILITATE,
       rows={"round_id": "failed"}, body={"effort": "quick"}, form={"effort": "quick"}),
    to("POST /api/v1/rounds/{round_id}/propose | POST /rounds/{round_id}/propose", FACILITATE,
       rows={"round_id": "failed"}, form=STAMPED),
    to("POST /rounds/{round_id}/lines/{line_id}/override", FACILITATE, known=f"{SEE_RESULT} {OF_SCHOOL}",
       form=BY_HAND | STAMPED),
    to("""POST /api/v1/rounds/{round_id}/lines/{line_id}/overrides
       POST /api/v1/rounds/{round_id}/overrides/{override_id}/withdraw
       POST /rounds/{round_id}/overrides/{override_id}/withdraw""", FACILITATE, rows={"round_id": "failed"},
       body=BY_HAND, form=BY_HAND | STAMPED),
    to("POST /api/v1/rounds/{round_id}/cancel | POST /rounds/{round_id}/cancel", FACILITATE,
       rows={"round_id": "open"}, body=WHY, form=WHY),
    to("""POST /api/v1/rounds/{round_id}/review | POST /rounds/{round_id}/review
       POST /rounds/{round_id}/send-back
       POST /api/v1/rounds/{round_id}/send-back""", AUDIT, rows={"round_id": "proposed"}, body=WHY,
       form=WHY | STAMPED),
    to("POST /api/v1/rounds/{round_id}/review | POST /rounds/{round_id}/review", f"{AUDIT} company-9",
       rows={"round_id": "lent"}, form=STAMPED),
    to("POST /api/v1/rounds/{round_id}/approve | POST /rounds/{round_id}/approve", AUDIT, rows={"round_id": "proposed"},
       body={"note": "tests"}, form={"note": "tests"} | STAMPED),
    to("POST /api/v1/rounds/{round_id}/publish | POST /rounds/{round_id}/publish", f"{FACILITATE} {AUDIT}",
       rows={"round_id": "approved"}, form=STAMPED),
    to("GET /api/v1/rounds/{round_id}/runs | GET /api/v1/rounds/{round_id}/overrides", SEE_RESULT),
    to("GET /api/v1/rounds/{round_id}/runs", f"{SEE_RESULT} company-9", rows={"round_id": "lent"}),
    to("""GET /api/v1/rounds/{round_id}/awards | GET /rounds/{round_id}/awards
       GET /api/v1/rounds/{round_id}/runs/{number}/scenarios | GET /rounds/{round_id}/runs/{number}/certificate
       GET /api/v1/rounds/{round_id}/runs/{number}/scenarios/{name}/files/{kind}
       GET /api/v1/rounds/{round_id}/runs/{number}/scenarios/{name}/verification
       GET /api/v1/rounds/{round_id}/runs/{number}/scenarios/{name}/replays
       GET /rounds/{round_id}/runs/{number}/replays/{name}
       GET /rounds/{round_id}/runs/{number}/replays/{name}/news
       GET /rounds/{round_id}/runs/{number}/comparison
       GET /api/v1/rounds/{round_id}/runs/{number}/comparison
       GET /api/v1/rounds/{round_id}/runs/{number}/lines/{line_id}/reasons
       GET /api/v1/rounds/{round_id}/runs/{number}/lines/{line_id}/offers/{offer_id}/reason""", SEE_RESULT),
    to("GET /rounds/{round_id}/lines/{line_id}", f"{SEE_RESULT} {OF_SCHOOL}", known=""),
    to("GET /rounds/{round_id}/suppliers/{supplier_id}", f"{SEE_RESULT} {OF_GROUP}", known=""),
    to("POST /api/v1/rounds/{round_id}/runs/{number}/scenarios/{name}/replays", AUDIT),
    to("POST /rounds/{round_id}/runs/{number}/replays/{name}", AUDIT, form={}),
    to("""POST /api/v1/rounds/{round_id}/runs/{number}/comparison
       POST /rounds/{round_id}/runs/{number}/comparison""", SEE_RESULT, form={}),
]
# fmt: on
ANSWER = {"lines": [{"award_line_id": "@award line", "answer": "accepted"}]}
ANSWER_FORM = {"version": "1", "lines-0-award_line_id": "@award line", "lines-0-answer": "accepted", "_sure": "yes"}
# fmt: off
ORDERS = [
    to("GET /api/v1/awards/{award_id} | GET /awards/{award_id} | GET /awards/{award_id}/result", SEE_AWARD, known=""),
    to("POST /api/v1/awards/{award_id}/answers", "manager", known=SEE_AWARD, body=ANSWER),
    to("POST /awards/{award_id}", "manager", known=SEE_AWARD, form=ANSWER_FORM),
    to("GET /api/v1/orders/{order_id} | GET /orders/{order_id}", SEE_AWARD, known=""),
    to("GET /today | GET /today/deliveries", f"{OF_GROUP} group-2 group-9"),
    to("GET /a/{token} | POST /a/{token}/code | GET /sw.js | GET /manifest.webmanifest | GET /offline", "all",
       public=True, form={}),
    to("POST /a/{token}", "all", public=True, form=ANSWER_FORM | {"code": "@link code"}),
    to("POST /today/offers/{offer_id}/still | POST /today/offers/{offer_id}/gone", "manager",
       form={"version": "1"}),
]
# fmt: on
# fmt: off
RECORD = [
    to("""GET /api/v1/events | GET /api/v1/events/verification | GET /events | GET /events/verification
       GET /api/v1/events/bundle | GET /events/bundle
       GET /api/v1/events/checks/{check_id} | GET /events/checks/{check_id}""", f"{AUDIT} company-9"),
    to("POST /api/v1/events/checks | POST /events/verification", f"{AUDIT} company-9", body={}, form={"head": ""}),
    to("GET /api/v1/events/checkpoints | GET /events/checkpoints | GET /api/v1/events/keys", "all"),
    to("GET /api/v1/events/consistency | GET /events/consistency", "all", query="?old=@size&new=@size"),
    to("""GET /api/v1/events/{event_id}/proof | GET /events/{event_id}/proof
       GET /api/v1/awards/{award_id}/proof | GET /awards/{award_id}/proof""", SEE_AWARD, known=""),
]
# fmt: on
OWN_LISTS = "manager group-2 group-9 attester attester-9"
MEMBER = {"citizen_id": "9000000000012", "labour_days": "3"}
LIST = {"attester_id": "@agency", "period_from": str(today() - timedelta(days=3)), "period_until": str(today())}
IN = {"roster_id": "roster handed in"}
IN_LINE = {"roster_id": "roster handed in", "line_id": "line of roster handed in"}
# Who is neither the group's leader nor of the agency that the group named knows of no list.
# fmt: off
HOUSEHOLDS = [
    to("GET /households | GET /api/v1/households/figures", "all", public=True),
    to("GET /api/v1/rosters | GET /rosters", OWN_LISTS, known=""),
    to("POST /api/v1/organisations/{organisation_id}/rosters", "manager", known="", body=LIST),
    to("POST /rosters", "manager group-2 group-9", known="", form=LIST, stumble="group-9"),
    to("GET /api/v1/rosters/{roster_id} | GET /rosters/{roster_id}", "manager attester", known=""),
    to("POST /api/v1/rosters/{roster_id}/members | POST /rosters/{roster_id}/members", "manager attester", known="",
       body=MEMBER, form=MEMBER),
    to("POST /api/v1/rosters/{roster_id}/sheet", "manager attester", known="",
       body={"csv": "citizen_id,labour_days\n9000000000012,3\n"}),
    to("POST /api/v1/rosters/{roster_id}/sheet", "manager attester", known="", body={"csv": "no sheet"},
       stumble="manager"),
    to("POST /rosters/{roster_id}/sheet", "manager attester", known="", form={}, stumble="manager attester"),
    to("DELETE /api/v1/rosters/{roster_id}/members/{line_id} | POST /rosters/{roster_id}/members/{line_id}/drop",
       "manager attester", known="", rows={"line_id": "line of roster_id"}, form={}),
    to("POST /api/v1/rosters/{roster_id}/members/{line_id}/tier | POST /rosters/{roster_id}/tiers", "attester",
       known="manager", rows=IN_LINE, body={"tier": 1}, form={}),
    to("POST /api/v1/rosters/{roster_id}/submit", "manager", known="attester", body={}),
    to("POST /rosters/{roster_id}/steps/{step}", "manager", known="attester", rows={"step": "hand in"}, form={}),
    to("POST /api/v1/rosters/{roster_id}/return", "attester", known="manager", rows=IN, body=WHY),
    to("POST /rosters/{roster_id}/steps/{step}", "attester", known="manager", rows=IN | {"step": "hand back"},
       form=WHY),
    to("POST /api/v1/rosters/{roster_id}/attest", "attester", known="manager", rows=IN, body={}),
    to("POST /rosters/{roster_id}/steps/{step}", "attester", known="manager", rows=IN | {"step": "vouch"}, form={}),
]
PRIVACY = [
    to("GET /privacy | GET /api/v1/privacy", "all", public=True),
    to("GET /privacy/requests", "administrator"),
    to("POST /privacy/requests/{person_id}/data", "administrator", form={}),
    to("POST /api/v1/people/{person_id}/erasure | POST /privacy/requests/{person_id}/erasure", "administrator",
       body=WHY, form=WHY),
]
# fmt: on
OPERATIONS = [*HOUSEHOLDS, *PRIVACY]
OPERATIONS += [*OPEN, *SIGNED_IN, *PARTIES, *PEOPLE, *HELP, *CATALOG, *LISTINGS, *DEMANDS, *ROUNDS, *ORDERS, *RECORD]
# fmt: off
INCOME = [
    to("GET /api/v1/organisations/{organisation_id}/income", f"{OF_GROUP} {FACILITATE} {AUDIT}"),
    to("GET /income", "manager member group-2 group-9", known=""),
    to("""GET /api/v1/income-statements | GET /income/statements | POST /api/v1/income-statements
       POST /income/statements""", "manager group-2 group-9", known="all", body={}, form={"months": "3"}),
    to("""GET /api/v1/income-statements/{statement_id} | GET /income/statements/{statement_id}
       GET /api/v1/income-statements/{statement_id}/paper | GET /income/statements/{statement_id}/paper
       POST /api/v1/income-statements/{statement_id}/withdraw | POST /income/statements/{statement_id}/withdraw""",
       "manager", known="member", form={"version": "1"}),
    to("GET /statements/{code} | GET /api/v1/statement-checks/{code}", "all", rows={"code": "statement code"},
       public=True),
    to("GET /statements", "all", public=True),
]
# fmt: on
# fmt: off
GUIDANCE = [
    to("GET /why", "manager member group-2 group-9", known=""),
    to("GET /why/{round_id}", "manager member group-2 group-9", known=""),
    to("GET /api/v1/rounds/{round_id}/suppliers/{supplier_id}/why", f"{SEE_RESULT} {OF_GROUP}", known=""),
    to("GET /why/prices/{code} | GET /api/v1/products/{code}/price-help", "manager member group-2 group-9", known=""),
    to("GET /why/help/{process}", "all", public=True),
]
# fmt: on
# fmt: off
HARVESTS = [
    to("GET /harvests", "all"),
    to("GET /api/v1/harvests", "all", query="?province=45"),
    to("POST /api/v1/offers/{offer_id}/photo", "manager", body={"content": "@picture"}),
    to("DELETE /api/v1/offers/{offer_id}/photo", "manager"),
    to("GET /listings/{offer_id}/picture | GET /listings/{offer_id}/days", "manager"),
    to("POST /listings/{offer_id}/picture", "manager", form={"remove": "yes"}),
    to("GET /api/v1/offers/{offer_id}/photo | GET /listings/{offer_id}/photo", "all"),
    to("PUT /api/v1/offers/{offer_id}/days", "manager", body={"week": WEEK, "quantities": [20] * 7}),
    to("POST /listings/{offer_id}/days", "manager", form={"version": "1", "week": WEEK, "day-d0": "20"}),
]
# fmt: on
ENTRY = {"listing": {"product_code": "MORNING-GLORY", "price_satang": 2000, "lots": [LOT]}, "organisation_id": "@group"}
# fmt: off
VISITS = [
    to("GET /visits | GET /api/v1/visits", "centre centre-9"),
    to("GET /visits/{organisation_id}", "centre"),
    to("POST /visits/{organisation_id}/listing", "centre", form={"product_code": "MORNING-GLORY", "price": "20",
       "harvest_from": WEEK, "harvest_until": WEEK, "capacity_day": "20"}),
    to("GET /visits/{organisation_id}/awards/{award_id} | POST /visits/{organisation_id}/awards/{award_id}", "centre",
       form=ANSWER_FORM),
    to("POST /api/v1/assisted-entries", "centre", body=ENTRY),
    to("GET /api/v1/assisted-entries", "all"),
    to("GET /confirmations", "manager group-2 group-9", known=""),
    to("""POST /api/v1/assisted-entries/{entry_id}/confirm | POST /api/v1/assisted-entries/{entry_id}/refuse""",
       "manager", known="centre"),
    to("POST /confirmations/{entry_id}/{decision}", "manager", known="", form={"version": "1"}),
    to("POST /api/v1/assisted-entries/{entry_id}/pin", "centre", known="manager",
       body={"person_id": "@person_id", "pin": "482915"}),
    to("POST /visits/{organisation_id}/entries/{entry_id}/pin", "centre",
       form={"person_id": "@person_id", "pin": "482915"}),
]
# fmt: on
OPERATIONS += INCOME + GUIDANCE + HARVESTS + VISITS
# A kitchen plans for itself: whoever buys has a menu, heads and a store of their own; the school's recipe is its alone.
DISH = {"name": "Curry", "method": "boil", "lines": [{"ingredient": "kale", "serve_g": 30}]}
DISH_FORM = {"name": "Curry", "method": "boil", "lines-0-ingredient": "kale", "lines-0-serve_g": "30"}
CHEAP = {"valid_from": str(today()), "satang": "20", "source": "a letter"}
DRAFTED = {"budget_line_id": "@budget_line_id", "method": "direct", "legal_ground": "Promotion of agriculture"}
DAYS_OFF = {"first_day": WEEK, "last_day": WEEK, "reason": "sports day"}
TERM = {"first_day": "2031-05-16", "last_day": "2031-09-30", "name": "1"}
COOKS = f"{BUYING} inspector"
# fmt: off
MENUS = [
    to("""GET /menus | GET /menus/plan | GET /menus/need | GET /menus/heads | GET /menus/stock | GET /menus/ingredients
       GET /api/v1/menus/recipes""", COOKS),
    to("GET /api/v1/menus/weeks/{week}/need", COOKS),
    to("GET /api/v1/menus/weeks/{week}", OF_SCHOOL, known=NOT_A_KITCHEN),
    to("PUT /api/v1/menus/weeks/{week}", BUYING, body={"entries": []}),
    to("GET /menus/new | GET /menus/import", BUYING),
    to("GET /menus/import/{kind}.xlsx | GET /menus/import/{kind}.csv", BUYING, rows={"kind": "table"}),
    to("POST /api/v1/menus/recipes | POST /menus/new", BUYING, body=DISH, form=DISH_FORM),
    to("GET /menus/recipes/{recipe_id}", OF_SCHOOL, known=NOT_A_KITCHEN),
    to("PUT /api/v1/menus/recipes/{recipe_id}", "officer head", known=NOT_A_KITCHEN, body=DISH),
    to("POST /menus/recipes/{recipe_id}", "officer head", known=NOT_A_KITCHEN, form=DISH_FORM | STAMPED),
    to("POST /menus/plan", BUYING, query=f"?week={WEEK}", form={}),
    to("POST /menus/import", BUYING, form={}, stumble=BUYING),
    to("POST /menus/plan/copy", BUYING, query=f"?week={WEEK}", form={"source": WEEK}),
    to("POST /menus/need", BUYING, query=f"?week={WEEK}", form=DRAFTED),
    to("POST /api/v1/menus/weeks/{week}/demand", BUYING, rows={"week": "free week"}, body=DRAFTED),
    to("POST /api/v1/menus/heads", BUYING, body={"counts": [{"day": WEEK, "heads": 240}]}),
    to("POST /menus/heads", BUYING, form={"counts-0-day": WEEK, "counts-0-heads": "240"}),
    to("POST /menus/rate", BUYING, form=CHEAP),
    to("POST /menus/stock", BUYING,
       form={"product_code": "MORNING-GLORY", "counted_on": str(today()), "quantity": "2.5"}),
    to("POST /menus/ingredients", BUYING, form={"ingredient": "kale", "product_code": "none"}),
    to("GET /menus/scale/{demand_id}", "officer head", rows={"demand_id": "planned"}, known=NOT_A_KITCHEN),
    to("POST /api/v1/menus/demands/{demand_id}/scaled | POST /menus/scale/{demand_id}", "officer head",
       rows={"demand_id": "planned"}, known=NOT_A_KITCHEN,
       body={"delivery_week": "@free week", "heads": 240, "before": 180},
       form={"delivery_week": "@free week", "heads": "240", "before": "180"}),
    to("GET /calendar", "all"),
    to("GET /api/v1/calendar/closed-days", COOKS, query=f"?first={WEEK}&last={WEEK}"),
    to("POST /api/v1/calendar/closed-days | POST /calendar/closed", BUYING, body=DAYS_OFF, form=DAYS_OFF),
    to("POST /api/v1/calendar/terms | POST /calendar/terms", BUYING, body=TERM, form=TERM),
    to("POST /calendar/week", BUYING, form={"weekdays": "0"}),
    to("POST /calendar/{what}/{period_id}/drop", "officer head", known=NOT_A_KITCHEN),
]
# fmt: on
OPERATIONS += MENUS
HOOK = {"url": "https://example.org/hook", "kinds": ["award.offered"]}
# fmt: off
NOTICES = [
    to("GET /api/v1/notice-kinds | GET /notices/previews", "all"),
    to("GET /api/v1/notice-deliveries | GET /notices/log", "administrator"),
    to("POST /api/v1/notice-deliveries/{delivery_id}/replay | POST /notices/log/{delivery_id}/replay",
       "administrator", form={}),
    to("GET /api/v1/organisations/{organisation_id}/webhooks | GET /organisations/{organisation_id}/webhooks",
       "manager"),
    to("POST /api/v1/organisations/{organisation_id}/webhooks | POST /organisations/{organisation_id}/webhooks",
       "manager", body=HOOK, form=HOOK | {"kinds": "award.offered"}),
    to("""DELETE /api/v1/organisations/{organisation_id}/webhooks/{webhook_id}
       POST /organisations/{organisation_id}/webhooks/{webhook_id}/end""", "manager", form={}),
]
# fmt: on
OPERATIONS += NOTICES
# Whose answer depends on the caller's own session alone: tests/accounts walks them.
OF_ONESELF = {
    "POST /api/v1/sessions", "DELETE /api/v1/sessions/current", "GET /api/v1/me", "POST /api/v1/me/organisation",
    "GET /api/v1/me/connections", "DELETE /api/v1/me/connections/{identity_id}", "GET /sign-in/with/{name}",
    "GET /sign-in/with/{name}/back", "GET /access/with/{name}", "POST /access/with/{name}",
    "GET /sign-in/passkey", "POST /sign-in/passkey", "GET /account/passkeys", "POST /account/passkeys",
    "POST /account/passkeys/{passkey_id}/end",
    "GET /account/connections", "POST /account/connections/{name}", "POST /account/connections/{identity_id}/end",
    "POST /account/connections/{name}/notices",
    "GET /notices", "POST /notices/read", "POST /notices/{notice_id}/open", "GET /notices/choices",
    "POST /notices/choices", "POST /notices/addresses", "POST /notices/addresses/{channel}/confirm",
    "POST /notices/addresses/{channel}/remove", "GET /api/v1/me/notices", "POST /api/v1/me/notices/read",
    "POST /api/v1/me/notices/{notice_id}/read", "GET /api/v1/me/notices/choices", "PUT /api/v1/me/notices/choices",
    "POST /api/v1/me/notices/addresses", "POST /api/v1/me/notices/addresses/{channel}/confirmation",
    "DELETE /api/v1/me/notices/addresses/{channel}",
    "GET /api/v1/me/keys", "POST /api/v1/me/keys", "POST /api/v1/me/keys/{key_id}/renewal",
    "DELETE /api/v1/me/keys/{key_id}", "GET /account/keys", "POST /account/keys",
    "POST /account/keys/{key_id}/renewal", "POST /account/keys/{key_id}/end",
    "POST /sign-in", "POST /sign-out", "GET /seats", "POST /seats",
    "GET /api/v1/sessions", "DELETE /api/v1/sessions", "DELETE /api/v1/sessions/{session_id}",
    "POST /api/v1/sessions/current/second-factor", "GET /api/v1/sessions/current/people",
    "POST /api/v1/sessions/current/person", "DELETE /api/v1/sessions/current/person", "POST /api/v1/me/password",
    "POST /api/v1/me/pin", "POST /api/v1/me/second-factor", "POST /api/v1/me/second-factor/confirmation",
    "POST /api/v1/me/second-factor/recovery-codes", "POST /api/v1/me/second-factor/removal",
    "POST /api/v1/access-codes/redemption", "GET /second-factor", "POST /second-factor", "POST /second-factor/start",
    "POST /second-factor/confirm", "GET /account", "POST /account/password", "POST /account/pin",
    "POST /account/second-factor/remove", "POST /account/second-factor/codes",
    "POST /account/sessions/{session_id}/end", "POST /account/sessions/end-others", "GET /access", "POST /access",
    "GET /phone", "POST /phone", "POST /phone/back", "GET /phone/pin", "POST /phone/pin",
    "GET /api/v1/me/data", "GET /privacy/mine", "GET /privacy/mine.json",
}  # fmt: skip
