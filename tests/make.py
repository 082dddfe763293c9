"""Builders of market rows for tests: each method makes one thing with sensible defaults, and what it needs.

Capabilities add their own builders here; a test says only what matters to it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.allocation.margins import Weights
from service.allocation.market import Market, canonical, digest, pack
from service.budgets.models import BudgetLine
from service.budgets.rules import fiscal_year
from service.catalog.models import Certificate, CertificateKind, Grade, Product, ProductPack, ReferencePrice
from service.demand.known import as_draft
from service.demand.models import Demand, DemandLine
from service.demand.rules import total_of
from service.kernel.actor import Actor
from service.kernel.clock import now, today, week_of
from service.kernel.db import Database
from service.listings.models import Offer, OfferCertificate, SupplyLot
from service.parties.models import District, Organisation, Province, Subdistrict
from service.parties.vocabulary import ROLES_OF_KIND
from service.people.models import Membership, Person
from service.programme.models import ProgrammeProfile
from service.questions.models import Question
from service.recurring.models import RecurringDemand
from service.rounds import invitations
from service.rounds.models import Award, AwardLine, Round, RoundDemand, Run

Row = TypeVar("Row")
_number = count(1)
PASSWORD = "a-password-of-tests"
CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
HASH = CHEAP.hash(PASSWORD)


def next_week() -> date:
    """The Monday after next, so that lead times and cut-offs are met."""
    return week_of(today()) + timedelta(days=14)


class Maker:
    """Makes rows in one session."""

    def __init__(self, tx: Session) -> None:
        self.tx = tx

    def add(self, row: Row) -> Row:
        """Add a row and give it its id."""
        self.tx.add(row)
        self.tx.flush()
        return row

    def place(self, code: str = "450101", lat: float = 16.05, lng: float = 103.65) -> Subdistrict:
        """A sub-district with its district and province."""
        found = self.tx.get(Subdistrict, code)
        if found is not None:
            return found
        names = {"name_th": f"ที่ {code}", "name_en": f"Place {code}"}
        if self.tx.get(Province, code[:2]) is None:
            self.add(Province(code=code[:2], lat=lat, lng=lng, **names))
        if self.tx.get(District, code[:4]) is None:
            self.add(District(code=code[:4], province_code=code[:2], lat=lat, lng=lng, **names))
        codes = {"code": code, "district_code": code[:4], "province_code": code[:2]}
        return self.add(Subdistrict(lat=lat, lng=lng, approximate=False, **codes, **names))

    def organisation(self, kind: str = "farmer_group", place: str = "450101", **facts: Any) -> Organisation:
        """A qualified organisation of a kind in a sub-district."""
        at = self.place(place)
        number = next(_number)
        given = {
            "kind": kind, "scheme": "TEST", "registration_id": f"{number}", "name_th": f"องค์กร {number}",
            "name_en": f"Organisation {number}", "subdistrict_code": at.code, "district_code": at.district_code,
            "province_code": at.province_code, "lat": at.lat, "lng": at.lng, "approximate": False,
            "state": "qualified", "member_households": 20,
        }  # fmt: skip
        return self.add(Organisation(**{**given, **facts}))

    def person(self, organisation: Organisation, *roles: str) -> Person:
        """Someone with roles (by default all of the kind's) in an organisation."""
        number = next(_number)
        person = self.add(Person(username=f"person-{number}", display_name=f"Person {number}", password_hash=HASH))
        for role in roles or sorted(ROLES_OF_KIND[organisation.kind]):
            self.add(Membership(person_id=person.id, organisation_id=organisation.id, role=role))
        return person

    def actor(self, organisation: Organisation, *roles: str) -> Actor:
        """An actor with roles (by default all of the kind's) in an organisation."""
        held = frozenset(roles or ROLES_OF_KIND[organisation.kind])
        person = self.person(organisation, *held)
        return Actor(person.id, organisation.id, organisation.kind, organisation.province_code, held)

    def product(self, code: str = "MORNING-GLORY", *, packs: tuple[int, ...] = (5,), **facts: Any) -> Product:
        """A product in kilograms, sold in packs; one code is made once."""
        found = self.tx.get(Product, code)
        if found is not None:
            return found
        name = code.replace("-", " ").capitalize()
        given = {"name_th": f"สินค้า {code}", "name_en": name, "family": "agriculture", "unit": "KGM"}
        product = self.add(Product(code=code, **{**given, **facts}))
        for quantity in packs:
            names = {"name_th": f"ถุง {quantity}", "name_en": f"Bag of {quantity}"}
            self.add(ProductPack(product_code=code, quantity=quantity, **names))
        return product

    def grade(self, product: Product, code: str = "A", rank: int = 1) -> Grade:
        """A grade of a product."""
        return self.add(Grade(product_code=product.code, code=code, rank=rank, name_th=f"เกรด {code}", name_en=code))

    def certificate_kind(self, code: str = "GAP") -> CertificateKind:
        """A scheme that certifies; one code is made once."""
        return self.tx.get(CertificateKind, code) or self.add(CertificateKind(code=code, name_th=code, name_en=code))

    def certificate(self, organisation: Organisation, kind: str = "GAP", **facts: Any) -> Certificate:
        """A certificate of a supplier, valid for a year and for all it makes."""
        given = {"number": f"C-{next(_number)}", "issued_on": today() - timedelta(days=30),
                 "expires_on": today() + timedelta(days=365)}  # fmt: skip
        kind_code = self.certificate_kind(kind).code
        return self.add(Certificate(organisation_id=organisation.id, kind_code=kind_code, **{**given, **facts}))

    def reference_price(self, product: Product, week: date | None = None, **facts: Any) -> ReferencePrice:
        """A reference price of 18, 20 and 22 baht."""
        given = {"province_code": "45", "lower_satang": 1800, "median_satang": 2000, "upper_satang": 2200,
                 "sample_size": 30, "source": "market survey"}  # fmt: skip
        given |= facts
        self.place(f"{given['province_code']}0101")
        return self.add(ReferencePrice(product_code=product.code, week=week or week_of(today()), **given))

    def offer(
        self,
        organisation: Organisation,
        product: Product | None = None,
        *,
        lots: list[tuple[date, date, int, int]] | None = None,
        certificates: tuple[Certificate, ...] = (),
        **facts: Any,
    ) -> Offer:
        """An active offer at 20 baht; a lot is (from, until, a day, a week), by default 20 and 100 in `next_week()`."""
        week = next_week()
        given = {"product_code": (product or self.product()).code, "province_code": organisation.province_code,
                 "price_satang": 2000, "pack_quantity": 5, "reach_km": 100, "state": "active"}  # fmt: skip
        rows = [
            SupplyLot(harvest_from=first, harvest_until=last, capacity_day=day, capacity_week=all_week)
            for first, last, day, all_week in lots or [(week, week + timedelta(days=6), 20, 100)]
        ]
        claims = [OfferCertificate(certificate_id=certificate.id) for certificate in certificates]
        return self.add(Offer(organisation_id=organisation.id, lots=rows, certificates=claims, **{**given, **facts}))

    def budget_line(self, organisation: Organisation, amount_satang: int = 100_000_000, **facts: Any) -> BudgetLine:
        """A budget line, by default of a million baht in the fiscal year of `next_week()`."""
        given = {"fiscal_year": fiscal_year(next_week()), "name": f"Food {next(_number)}", "source": "State budget"}
        given |= dict.fromkeys(("reserved_satang", "committed_satang", "spent_satang"), 0)
        return self.add(BudgetLine(organisation_id=organisation.id, amount_satang=amount_satang, **{**given, **facts}))

    def line(self, product: Product | None = None, **facts: Any) -> DemandLine:
        """A demand line that `demand` takes: 100 units on the Monday of `next_week()` at a ceiling of 22 baht."""
        given = {"product_code": (product or self.product()).code, "quantity": 100, "delivery_date": next_week(),
                 "window_from": time(6), "window_until": time(9), "ceiling_satang": 2200, "most_awards": 3,
                 "whole": False, "certificate_kinds": [], "substitutes": []}  # fmt: skip
        return DemandLine(**{**given, **facts})

    def demand(
        self, organisation: Organisation, lines: list[DemandLine] | None = None, state: str = "draft", **facts: Any
    ) -> Demand:
        """A demand of an institution for `next_week()`; past draft its total is approved and reserved."""
        held = lines or [self.line()]
        total = total_of(held)
        for position, line in enumerate(held):
            line.position = position
        approved = None if state == "draft" else total
        if "budget_line_id" not in facts:
            facts["budget_line_id"] = self.budget_line(organisation, reserved_satang=approved or 0).id
        given = {"ocid": f"ocds-test-{next(_number)}", "province_code": organisation.province_code,
                 "title": "Fresh food of the week", "delivery_week": next_week(), "method": "direct",
                 "legal_ground": "Test ground", "state": state, "total_satang": total,
                 "approved_satang": approved, "approved_at": now() if approved else None}  # fmt: skip
        return self.add(Demand(organisation_id=organisation.id, lines=held, **{**given, **facts}))

    def question(self, demand: Demand, group: Organisation, text: str = "In bags or in boxes?") -> Question:
        """A question of a group about a demand, which waits for its answer."""
        return self.add(Question(demand_id=demand.id, organisation_id=group.id, text=text))

    def recurring(self, source: Demand, **facts: Any) -> RecurringDemand:
        """A demand that comes again every week from the week after its own on."""
        given = {"organisation_id": source.organisation_id, "title": source.title, "rhythm": "weekly", "lead_days": 10,
                 "first_week": source.delivery_week + timedelta(days=7), "source_id": source.id,
                 "draft": as_draft(source).model_dump(mode="json")}  # fmt: skip
        return self.add(RecurringDemand(**{**given, **facts}))

    def profile(self, province: str = "45", **weights: Any) -> ProgrammeProfile:
        """The first programme profile of a province, with the model's default weights unless told."""
        given = {"resolution_number": "1/2569", "resolution_date": date(2026, 1, 5), "valid_from": date(2026, 1, 6)}
        return self.add(
            ProgrammeProfile(province_code=province, number=1, weights=Weights(**weights).as_json(), **given)
        )

    def round(self, profile: ProgrammeProfile | None = None, state: str = "open", **facts: Any) -> Round:
        """An open round of `next_week()` whose cut-off is past, so that it may be closed."""
        found = profile or self.profile()
        given = {"province_code": found.province_code, "delivery_week": next_week(), "profile_id": found.id,
                 "opens_at": now() - timedelta(days=2), "closes_at": now() - timedelta(hours=1),
                 "state": state}  # fmt: skip
        return self.add(Round(**{**given, **facts}))

    def published_round(self, province: str = "45") -> Round:
        """A published round with its first run applied; the run's snapshot is a market without offers."""
        self.place(f"{province}0101")
        known = self.tx.scalar(select(ProgrammeProfile).where(ProgrammeProfile.province_code == province).limit(1))
        row = self.round(known or self.profile(province), state="published", published_at=now())
        frozen = canonical(Market(
            round=str(row.id), run=1, province=province, week=row.delivery_week, closed_on=today(),
            weights=Weights().as_json(), approved={}, parties={}, lines=(), bids=(),
        ))  # fmt: skip
        self.add(Run(round_id=row.id, number=1, kind="first", state="applied", snapshot=pack(frozen),
                     snapshot_sha256=digest(frozen)))  # fmt: skip
        return row

    def published_award(
        self,
        supplier: Organisation | None = None,
        buyer: Organisation | None = None,
        *,
        lines: tuple[tuple[int, int], ...] = ((40, 2000),),
        pack_quantity: int = 5,
        hours: float = 24,
        round_: Round | None = None,
    ) -> Award:
        """A published award with `hours` left to answer; a line is (quantity, satang a unit), one a day from Monday."""
        group, kitchen = supplier or self.organisation(), buyer or self.organisation("hospital")
        held = round_ or self.published_round(kitchen.province_code or "")
        run = self.tx.scalars(select(Run).where(Run.round_id == held.id).order_by(Run.number).limit(1)).one()
        days = [next_week() + timedelta(days=place) for place in range(len(lines))]
        needs = [self.line(quantity=quantity, ceiling_satang=price + 200, delivery_date=day)
                 for (quantity, price), day in zip(lines, days, strict=True)]  # fmt: skip
        demand = self.demand(kitchen, needs, state="evaluation")
        self.add(RoundDemand(round_id=held.id, demand_id=demand.id))
        offers = [self.offer(group, price_satang=price, pack_quantity=pack_quantity) for _, price in lines]
        given = [
            AwardLine(demand_line_id=need.id, offer_id=offer.id, product_code=need.product_code, quantity=need.quantity,
                      delivery_date=need.delivery_date, price_satang=offer.price_satang)
            for need, offer in zip(needs, offers, strict=True)
        ]  # fmt: skip
        sides = {"buyer_id": kitchen.id, "supplier_id": group.id, "respond_by": now() + timedelta(hours=hours)}
        return self.add(Award(round_id=held.id, run_id=run.id, demand_id=demand.id, lines=given, **sides))

    def answer_link(self, award: Award, person: Person, *more: Award) -> tuple[str, str]:
        """A link that opens the award for the person, or the list of several: its path and its code."""
        token, code = invitations._links(self.tx, [award, *more], person.id)
        self.tx.flush()
        return invitations.path_of(token), code


def database_of(client: TestClient) -> Database:
    """The database of a client's app."""
    app: Any = client.app
    found: Database = app.state.database
    return found


@contextmanager
def making(of: Database | TestClient) -> Iterator[Maker]:
    """A maker whose rows are committed, in a database or a client's."""
    database = of if isinstance(of, Database) else database_of(of)
    with database.writing() as tx:
        yield Maker(tx)


class Caller:
    """A signed-in program: JSON calls under /api/v1 as one person."""

    def __init__(self, client: TestClient, person: Person) -> None:
        self.client = client
        answer = client.post("/api/v1/sessions", json={"username": person.username, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}

    def get(self, path: str, **options: Any) -> Any:
        """GET under /api/v1."""
        return self.client.get(f"/api/v1{path}", headers=self.headers, **options)

    def post(self, path: str, body: Any = None, key: str | None = None, version: int | None = None) -> Any:
        """POST under /api/v1, with an Idempotency-Key or of a version where one is given."""
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        headers |= {"If-Match": f'"{version}"'} if version is not None else {}
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def put(self, path: str, body: Any, version: int | None = None) -> Any:
        """PUT under /api/v1, of a version where there is one already."""
        headers = self.headers | ({"If-Match": f'"{version}"'} if version is not None else {})
        return self.client.put(f"/api/v1{path}", json=body, headers=headers)

    def patch(self, path: str, body: Any, version: int | None) -> Any:
        """PATCH under /api/v1 of a version."""
        headers = self.headers | ({"If-Match": f'"{version}"'} if version is not None else {})
        return self.client.patch(f"/api/v1{path}", json=body, headers=headers)


def id_of(answer: Any) -> UUID:
    """The id in a JSON answer."""
    return UUID(answer.json()["id"])
