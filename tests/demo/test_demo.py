"""The demonstration: what it promises is there, obeys the rules of entered rows, says that it is made up, repeats."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import cli, demo
from service.allocation.eligibility import Eye
from service.budgets import rules as budget_rules
from service.budgets.models import BudgetLine
from service.catalog import rules as catalog_rules
from service.catalog.models import (
    Certificate,
    CertificateKind,
    Grade,
    LocalUnit,
    Product,
    ProductAlias,
    ProductPack,
    ReferencePrice,
)
from service.catalog.schemas import AliasIn, CertificateIn, GradeIn, LocalUnitIn, PackIn, ProductIn, ReferencePriceIn
from service.demand import actions as demands
from service.demand import known
from service.demand import rules as demand_rules
from service.demand.models import Demand, DemandLine
from service.demand.schemas import DemandIn, DemandLineIn
from service.demo import library, people, record, supply
from service.demo.scene import Size, When
from service.events import verification
from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.clock import BANGKOK, now, today, week_of
from service.kernel.db import Base, Database
from service.listings import rules as listing_rules
from service.listings.models import Offer, SupplyLot
from service.listings.schemas import LotIn, OfferIn
from service.parties.models import (
    BeneficialOwner,
    Conflict,
    District,
    Organisation,
    Province,
    SocialShare,
    Subdistrict,
    SupplierIncome,
)
from service.parties.rules import road_km
from service.parties.schemas import OrganisationIn, SocialShareIn
from service.parties.vocabulary import BUYERS, ROLES_OF_KIND, SUPPLIERS
from service.people.models import Membership, Person
from service.programme.models import ProgrammeProfile
from service.programme.schemas import WeightsIn
from service.rounds.models import Round
from service.rounds.snapshot import freeze
from service.site import home
from tests.conftest import client_of
from tests.make import Maker, making

SMALL = Size(buyers=12, suppliers=20, lines_per_buyer=4)


@pytest.fixture(scope="module")
def market(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The demonstration as it is loaded, once for this file."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("demo") / "market.sqlite3")
    database = Database(f"sqlite:///{path}")
    assert demo.load(database)
    yield database
    database.dispose()


@pytest.fixture
def shown(market: Database) -> Iterator[Session]:
    """The loaded demonstration, to read."""
    with market.reading() as tx:
        yield tx


def given(schema: Any, row: Any, **more: Any) -> Any:
    """A row as if it had been entered."""
    names = [name for name in schema.model_fields if name in row.__table__.columns and name not in more]
    return schema(**{name: getattr(row, name) for name in names}, **more)


def grouped(rows: Any, key: str) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, key)].append(row)
    return groups


def test_all_provinces_are_there_and_two_with_real_points_and_outlines(shown: Session) -> None:
    districts = {row.code: row for row in shown.scalars(select(District))}
    subdistricts = list(shown.scalars(select(Subdistrict)))
    assert shown.scalar(select(func.count()).select_from(Province)) == 77
    assert Counter(code[:2] for code in districts) == {"45": 20, "52": 13}
    assert len(subdistricts) == 293
    assert all(row.outline and not row.approximate for row in districts.values())
    for row in subdistricts:
        seat = districts[row.district_code]
        assert road_km(row.lat, row.lng, seat.lat, seat.lng) < 80, row.code


def test_there_are_as_many_buyers_and_suppliers_of_every_kind_as_promised(shown: Session) -> None:
    kinds = Counter((row.province_code, row.kind) for row in shown.scalars(select(Organisation)))
    for province in ("45", "52"):
        assert sum(kinds[province, kind] for kind in BUYERS) >= 60
        assert sum(kinds[province, kind] for kind in SUPPLIERS) >= 110
        assert all(kinds[province, kind] for kind in BUYERS | SUPPLIERS)
        assert kinds[province, "school"] > sum(kinds[province, kind] for kind in BUYERS) / 2
        institutions = "provincial_company provincial_committee service_centre attesting_agency village_fund"
        assert all(kinds[province, kind] == 1 for kind in institutions.split())
    assert kinds[None, "national_company"] == kinds[None, "operator"] == 1


def test_every_organisation_says_that_it_is_made_up(shown: Session) -> None:
    rows = list(shown.scalars(select(Organisation)))
    assert all(row.synthetic and row.source == "synthetic demonstration" and row.scheme == "DEMO" for row in rows)
    assert len({row.name_th for row in rows}) == len({row.name_en for row in rows}) == len(rows)
    whimsical = [th for th, _ in library.names()["places"]["second"]] + ["สาธิต"]
    assert all(any(word in row.name_th for word in whimsical) for row in rows)


def test_organisations_stand_in_real_subdistricts_and_could_have_been_entered(shown: Session) -> None:
    places = {row.code: row for row in shown.scalars(select(Subdistrict))}
    for row in shown.scalars(select(Organisation).where(Organisation.province_code.is_not(None))):
        given(OrganisationIn, row)
        place = places[row.subdistrict_code or ""]
        assert (row.district_code, row.province_code) == (place.district_code, place.province_code)
        assert road_km(row.lat or 0, row.lng or 0, place.lat, place.lng) < 3
        assert row.state == "qualified"


def test_products_of_three_families_could_have_been_entered(shown: Session) -> None:
    products = list(shown.scalars(select(Product)))
    lists = {
        name: grouped(shown.scalars(select(model)), "product_code")
        for name, model in (("aliases", ProductAlias), ("packs", ProductPack), ("local_units", LocalUnit),
                            ("grades", Grade))
    }  # fmt: skip
    entries: dict[str, Any] = {"aliases": AliasIn, "packs": PackIn, "local_units": LocalUnitIn, "grades": GradeIn}
    assert len(products) >= 25
    assert {row.family for row in products} == {"agriculture", "processed", "service"}
    for row in products:
        details = {name: [given(entries[name], one) for one in lists[name][row.code]] for name in entries}
        entered = given(ProductIn, row, **details)
        assert entered.aliases
        assert entered.packs
        assert entered.local_units


def test_reference_prices_cover_half_a_year_up_to_the_delivery_week(shown: Session) -> None:
    rows = list(shown.scalars(select(ReferencePrice)))
    delivery = week_of(today()) + timedelta(weeks=2)
    wanted = {delivery - timedelta(weeks=back) for back in range(29)}
    for series in grouped(rows, "product_code").values():
        for province in grouped(series, "province_code").values():
            assert {row.week for row in province} == wanted
    assert all(row.synthetic and row.sample_size >= 8 for row in rows)
    for row in rows:
        given(ReferencePriceIn, row)
    kale = [row.median_satang for row in rows if (row.product_code, row.province_code) == ("kale", "45")]
    assert max(kale) > 1.2 * min(kale)  # its season shows


def test_offers_and_lots_could_have_been_entered(shown: Session) -> None:
    delivery = week_of(today()) + timedelta(weeks=2)
    lots = grouped(shown.scalars(select(SupplyLot)), "offer_id")
    grades = dict(shown.execute(select(Grade.id, Grade.product_code)).all())
    for row in shown.scalars(select(Offer)):
        own = lots[row.id]
        entered = [given(LotIn, lot) for lot in own]
        given(OfferIn, row, lots=entered)
        listing_rules.must_have_lot_ahead(own, today())
        listing_rules.must_be_packable(row.minimum_quantity, row.pack_quantity)
        listing_rules.must_be_servable(own, row.minimum_quantity, row.pack_quantity)
        assert row.grade_id is None or grades[row.grade_id] == row.product_code
        assert {lot.harvest_from for lot in own} == {delivery, delivery - timedelta(weeks=1)}
        assert row.state == "active"


def test_prices_of_one_product_spread_as_sellers_do(shown: Session) -> None:
    week = week_of(today()) + timedelta(weeks=2)
    middle = {
        (row.product_code, row.province_code): row.median_satang
        for row in shown.scalars(select(ReferencePrice).where(ReferencePrice.week == week))
    }
    ratios = [row.price_satang / middle[row.product_code, row.province_code] for row in shown.scalars(select(Offer))]
    lower, _, upper = quantiles(ratios, n=4)
    assert 0.05 < upper - lower < 0.15
    assert 0.97 < median(ratios) < 1.03


def test_certificates_are_valid_expired_and_about_to_expire(shown: Session) -> None:
    rows = list(shown.scalars(select(Certificate)))
    stands = Counter(catalog_rules.expiry(row, today()) for row in rows)
    for row in rows:
        given(CertificateIn, row)
    assert min(stands["valid"], stands["expiring"], stands["expired"]) >= 5
    assert shown.scalar(select(func.count()).select_from(CertificateKind)) == len(library.certificate_kinds())


def test_shares_are_declared_and_partly_attested_by_the_provinces_agency(shown: Session) -> None:
    agencies = {
        row.id: row.province_code
        for row in shown.scalars(select(Organisation).where(Organisation.kind == "attesting_agency"))
    }
    places = dict(shown.execute(select(Organisation.id, Organisation.province_code)).all())
    rows = list(shown.scalars(select(SocialShare)))
    for row in rows:
        given(SocialShareIn, row)
        assert row.attested_bp is None or row.attested_bp <= row.declared_bp
        assert row.attester_id is None or agencies[row.attester_id] == places[row.organisation_id]
    attested = sum(row.attested_bp is not None for row in rows) / len(rows)
    assert 0.5 < attested < 0.9
    for own in grouped(rows, "organisation_id").values():
        assert sum(row.declared_bp for row in own if row.measure.startswith("labour")) == 10_000
        assert sum(row.declared_bp for row in own if row.measure.startswith("inputs")) <= 10_000


def test_some_groups_earned_before_some_share_owners_some_have_conflicts(shown: Session) -> None:
    suppliers = shown.scalar(select(func.count()).where(Organisation.kind.in_(SUPPLIERS)))
    earned = shown.scalar(select(func.count(SupplierIncome.organisation_id.distinct())))
    assert suppliers
    assert earned
    assert 0.4 * suppliers < earned < 0.9 * suppliers
    owners = Counter(shown.scalars(select(BeneficialOwner.pseudonym)))
    assert max(owners.values()) == 3
    valid = [row.valid_until is None for row in shown.scalars(select(Conflict))]
    assert any(valid)
    assert not all(valid)


def test_every_buyer_has_a_demand_whose_rows_could_have_been_entered(shown: Session) -> None:
    lines = grouped(shown.scalars(select(DemandLine).order_by(DemandLine.position)), "demand_id")
    rows = list(shown.scalars(select(Demand)))
    buyers = shown.scalar(select(func.count()).where(Organisation.kind.in_(BUYERS)))
    assert len({row.organisation_id for row in rows}) == len(rows) == buyers
    for row in rows:
        entered = [given(DemandLineIn, line) for line in lines[row.id]]
        given(DemandIn, row, lines=entered)
        shelf = known.shelf(shown, entered, row.province_code, row.delivery_week)
        demand_rules.must_fit(lines[row.id], row.delivery_week, shelf)
        assert all(limit.limit_satang for limit in shelf.limits.values())
        assert [line.position for line in lines[row.id]] == list(range(len(entered)))
        assert row.total_satang == demand_rules.total_of(lines[row.id])


def test_lead_times_are_met_from_the_cut_off(shown: Session) -> None:
    lead = dict(shown.execute(select(Product.code, Product.lead_time_days)).all())
    closes = shown.scalars(select(Round)).first()
    assert closes
    day = closes.closes_at.astimezone(BANGKOK).date()
    for line in shown.scalars(select(DemandLine)):
        assert line.delivery_date >= day + timedelta(days=lead[line.product_code])


def test_budgets_reserve_what_was_approved(shown: Session) -> None:
    approved: Counter[Any] = Counter()
    for row in shown.scalars(select(Demand)):
        approved[row.budget_line_id] += row.approved_satang or 0
        assert row.approved_satang in {None, row.total_satang}
        assert (row.approved_satang is None) == (row.state == "draft")
    for line in shown.scalars(select(BudgetLine)):
        assert line.reserved_satang == approved[line.id] <= line.amount_satang
        assert line.fiscal_year == budget_rules.fiscal_year(week_of(today()) + timedelta(weeks=2))


def test_a_round_is_open_in_each_province_with_its_cut_off_ahead(shown: Session) -> None:
    rows = {row.province_code: row for row in shown.scalars(select(Round))}
    assert sorted(rows) == ["45", "52"]
    for row in rows.values():
        cut_off = row.closes_at.astimezone(BANGKOK)
        assert row.state == "open"
        assert row.opens_at <= now() < row.closes_at
        assert row.delivery_week == week_of(today()) + timedelta(weeks=2)
        assert cut_off.date() == row.delivery_week - timedelta(days=4)
        assert (cut_off.strftime("%A"), cut_off.hour) == ("Thursday", 12)
        taken = select(func.count()).where(Demand.province_code == row.province_code, Demand.state == "active")
        assert shown.scalar(taken) == 64  # all but the draft that waits for the persona


@pytest.mark.parametrize("day", [date(2026, 11, 23) + timedelta(days=number) for number in range(7)])
def test_on_every_day_of_a_week_the_cut_off_is_ahead_and_the_round_has_begun(day: date) -> None:
    when = When(day)
    assert when.opens_at.astimezone(BANGKOK).date() <= day < when.cut_off < when.week
    assert when.week.weekday() == 0


def test_profiles_hold_the_models_defaults_and_name_their_resolution(shown: Session) -> None:
    for row in shown.scalars(select(ProgrammeProfile)):
        weights = WeightsIn(**row.weights)
        assert weights.model_dump(exclude={"priority_districts"}) == WeightsIn().model_dump(
            exclude={"priority_districts"}
        )
        assert all(code.startswith(row.province_code) for code in weights.priority_districts)
        assert row.resolution_number
        assert row.resolution_date <= row.valid_from <= today()


def test_lines_find_offers_and_the_personas_groups_are_wanted(shown: Session) -> None:
    for row in shown.scalars(select(Round)):
        market = freeze(shown, row, 1)
        eye = Eye(market)
        bids = grouped(market.bids, "product")
        arcs = [(line, bid) for line in market.lines for bid in bids[line.product] if eye.eligible(line, bid)]
        assert len(arcs) > 4 * len(market.lines)
        assert len({line.id for line, _ in arcs}) > 0.9 * len(market.lines)
        reached = Counter(bid.supplier for _, bid in arcs)
        for account in ("enterprise-leader", "farmers-leader"):
            assert reached[str(seat(shown, row.province_code, account).organisation_id)] > 20


def seat(tx: Session, province: str, account: str) -> Membership:
    slug = library.names()["provinces"][province]["slug"]
    mine = select(Membership).join(Person, Person.id == Membership.person_id)
    return tx.scalars(mine.where(Person.username == f"demo-{slug}-{account}")).one()


def test_every_persona_has_an_account_that_fits_its_organisation(shown: Session) -> None:
    names = list(shown.scalars(select(Person.username)))
    personas = (
        "school-officer school-head school-inspector hospital-officer hospital-head hospital-inspector "
        "enterprise-leader farmers-leader farmers-deputy facilitator auditor committee centre attester fund"
    )
    wanted = {f"demo-{slug}-{persona}" for slug in ("roiet", "lampang") for persona in personas.split()}
    hidden = {f"{slug}-hospital-{name}" for slug in ("roiet", "lampang") for name in ("nurse", "store")}
    assert set(names) == wanted | hidden | {"demo-national-auditor", "demo-operator"}
    held = select(Membership.role, Organisation.kind).join(Organisation, Organisation.id == Membership.organisation_id)
    assert all(role in ROLES_OF_KIND[kind] for role, kind in shown.execute(held))
    assert all("(demo)" in name for name in shown.scalars(select(Person.display_name)))


def test_an_account_signs_in_with_the_password_that_the_first_page_tells(market: Database) -> None:
    client = client_of(market)
    for name in ("demo-roiet-school-officer", "demo-lampang-enterprise-leader", "demo-operator"):
        answer = client.post("/api/v1/sessions", json={"username": name, "password": "demo"})
        assert answer.status_code == 201, answer.text
    with market.reading() as tx:
        assert len(home.facts(tx, by=None, demo=True)["accounts"]) == 32


def test_the_schools_head_approves_what_the_officer_wrote_and_the_officer_may_not(tx: Session) -> None:
    demo.build(tx, SMALL, province="52")
    draft = tx.scalars(select(Demand).where(Demand.state == "draft")).one()

    def hand(account: str) -> Actor:
        found = seat(tx, "52", account)
        return Actor(found.person_id, found.organisation_id, "school", "52", frozenset({"buyer_head"}))

    with pytest.raises(demand_rules.SameHands):
        demands.approve(tx, by=hand("school-officer"), demand_id=draft.id, version=draft.version)
    approved = demands.approve(tx, by=hand("school-head"), demand_id=draft.id, version=draft.version)
    assert approved.state == "planned"


def test_the_log_tells_the_loading_and_verifies(market: Database) -> None:
    with market.reading() as tx:
        verdict = verification.verify(tx)
        verbs = Counter(tx.scalars(select(Event.verb)))
    assert (verdict.faults, verdict.events) == ((), verdict.sealed)
    assert verbs["demo.loaded"] == 1
    assert verbs["round.opened"] == verbs["profile.adopted"] == 2
    assert verbs["demand.drafted"] == verbs["demand.approved"] + 2 == 130


KEYED = {"hash", "previous_hash", "pseudonym"}  # of ids, times and numbers that are drawn anew at each loading


def rows_of(tx: Session) -> dict[str, list[str]]:
    """Every row without its ids, times and what refers to ids."""
    found = {}
    for table in Base.metadata.sorted_tables:
        said = [
            column
            for column in table.columns
            if column.name not in {"id", "subject_id", "change", "evidence", "password_hash", *KEYED}
            and not column.name.endswith(("_at", "_id", "_by", "at"))
        ]
        if said:
            found[table.name] = sorted(map(repr, tx.execute(select(*said))))
    return found


def test_the_same_seed_makes_the_same_rows(sqlite_template: Path, tmp_path: Path) -> None:
    made = []
    for number, seed in enumerate((1, 1, 2)):
        database = Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / f'{number}.sqlite3')}")
        with database.writing() as tx:
            demo.build(tx, Size(12, 20, 4, seed=seed), province="45")
        with database.reading() as tx:
            made.append(rows_of(tx))
        database.dispose()
    assert made[0] == made[1]
    assert {name for name in made[0] if made[0][name] != made[2][name]} >= {"offers", "demand_lines", "organisations"}


@pytest.mark.postgres
def test_loading_twice_loads_once(database: Database) -> None:
    assert demo.load(database, SMALL)
    with database.reading() as tx:
        before = tx.scalar(select(func.count()).select_from(Event))
        assert demo.loaded(tx)
    assert not demo.load(database, SMALL)
    with database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(Event)) == before


def test_a_market_in_use_is_left_alone(sqlite_database: Database) -> None:
    with making(sqlite_database) as make:
        make.organisation("school")
    with pytest.raises(demo.NotFresh):
        demo.load(sqlite_database)
    with sqlite_database.reading() as tx:
        assert not demo.loaded(tx)


def test_a_load_that_dies_leaves_nothing(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(record, "tell_loaded", die)
        with pytest.raises(KeyboardInterrupt):
            demo.load(sqlite_database, SMALL)
    with sqlite_database.reading() as tx:
        assert all(not tx.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables)
    assert demo.load(sqlite_database, SMALL)


def test_places_that_were_known_roughly_get_their_real_points(tx: Session, make: Maker) -> None:
    make.place("450101", lat=15.0, lng=100.0)
    demo.build(tx, SMALL, province="45")
    place = tx.get_one(Subdistrict, "450101", populate_existing=True)
    assert (round(place.lat), round(place.lng), place.approximate) == (16, 104, False)


def test_a_province_can_be_made_at_any_size(tx: Session) -> None:
    built = demo.build(tx, Size(buyers=30, suppliers=50, lines_per_buyer=6, offers_per_supplier=3), province="52")
    assert tx.scalar(select(func.count()).where(Organisation.kind.in_(BUYERS))) == built.buyers == 30
    assert tx.scalar(select(func.count()).where(Organisation.kind.in_(SUPPLIERS))) == built.suppliers == 50
    assert 0.8 * 180 < built.lines < 1.2 * 180
    assert 0.8 * 150 < built.offers < 1.2 * 150
    assert tx.get_one(Round, built.round_id).state == "open"


def test_schools_are_as_small_as_schools_are() -> None:
    dice = Random(7)
    pupils = [people.heads(dice, "school") for _ in range(4_000)]
    assert 110 <= median(pupils) <= 130
    assert 0.08 < sum(number <= 40 for number in pupils) / len(pupils) < 0.15


def test_groups_give_as_much_as_groups_do() -> None:
    dice, kale = Random(7), next(good for good in library.goods() if good.code == "kale")
    weekly = [supply.sized(dice, kale).week for _ in range(4_000)]
    assert 52 <= median(weekly) <= 68
    assert 1_200 <= quantiles(weekly, n=20)[-1] <= 1_900


def test_the_command_line_loads_and_says_so_in_both_languages(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shutil.copy(sqlite_template, tmp_path / "market.sqlite3")
    monkeypatch.setenv("MARKET_DATABASE_URL", f"sqlite:///{path}")
    assert cli.main(["demo"]) == 0
    said = capsys.readouterr().out
    assert "has been loaded" in said
    assert "โหลดข้อมูลสาธิตแล้ว" in said
    assert cli.main(["demo"]) == 0
    assert "there already" in capsys.readouterr().out
