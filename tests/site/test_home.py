"""The first page: what this is and who to sign in as, or what a person does next; every link leads somewhere."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.demo import loading
from service.demo.scene import Size
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.db import Database
from service.parties.models import SocialShare
from service.parties.vocabulary import Role
from service.site import home
from service.site.menu import BY_ROLE as MENU
from service.site.steps import BY_ROLE, steps
from tests.conftest import FROM_HERE, app_of, migrated
from tests.make import Maker, making

SMALL = Size(buyers=12, suppliers=20, lines_per_buyer=4)


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(migrated(f"sqlite:///{tmp_path_factory.mktemp('home') / 'market.sqlite3'}"))
    loading.load(database, SMALL)
    yield database
    database.dispose()


def visitor(database: Database, *, demo: bool = True) -> TestClient:
    return TestClient(app_of(database, demo=demo), follow_redirects=False, cookies={"lang": "en"}, headers=FROM_HERE)


def sign_in(client: TestClient, username: str) -> None:
    """Press the button of an account on the first page."""
    form = re.search(rf'<form method="post" action="/sign-in">(?:(?!</form>).)*{username}".*?</form>',
                     client.get("/").text, re.DOTALL)  # fmt: skip
    assert form is not None, username
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    answer = client.post("/sign-in", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def accounts(database: Database) -> list[str]:
    with database.reading() as tx:
        return [row[0].username for row in home.facts(tx, by=None, demo=True)["accounts"]]


def test_a_visitor_reads_what_this_is_with_numbers_of_the_market(demonstration: Database) -> None:
    page = visitor(demonstration).get("/").text
    for words in ("For kitchens", "For groups", "For auditors", "synthetic", "Roi Et", "Lampang", "Nationwide"):
        assert words in page
    with demonstration.reading() as tx:
        numbers = home.numbers(tx)
    assert (numbers.buyers, numbers.groups, numbers.open_rounds) == (24, 40, 2)
    for number in (numbers.buyers, numbers.groups, numbers.open_rounds):
        assert f"<dd>{number}</dd>" in page


def test_accounts_are_offered_in_a_demonstration_only(demonstration: Database) -> None:
    assert (
        len(accounts(demonstration)) == visitor(demonstration).get("/").text.count('name="password" value="demo"') == 32
    )
    assert "demo-" not in visitor(demonstration, demo=False).get("/").text


def test_only_accounts_of_made_up_organisations_are_offered(tx: Session, make: Maker) -> None:
    real = make.person(make.organisation(synthetic=False))
    made_up = make.organisation(synthetic=True)
    other, offered, left = (make.person(made_up, "supplier_manager") for _ in range(3))
    real.username, other.username, offered.username, left.username = "demo-real", "someone", "demo-offered", "demo-left"
    left.active = False
    tx.flush()
    found = home.facts(tx, by=None, demo=True)["accounts"]
    assert [row[0].username for row in found] == ["demo-offered"]


def test_every_account_signs_in_with_one_press_and_every_step_and_entry_leads_somewhere(
    demonstration: Database,
) -> None:
    for username in accounts(demonstration):
        client = visitor(demonstration)
        sign_in(client, username)
        desk, landing = client.get("/?desk=true"), client.get("/", follow_redirects=True)  # a group lands on its day
        main = desk.text.partition("<main")[2].partition("</main>")[0]
        nav = landing.text.partition("<nav")[2].partition("</nav>")[0]
        links = set(re.findall(r'href="(/[^"]*)"', main + nav))
        assert len(re.findall(r'<li class="card', main)) >= 1, username
        for link in links:
            answer = client.get(link)
            assert answer.status_code == 200, (username, link, answer.status_code)


def test_an_empty_market_has_a_first_page_too(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "<dd>0</dd>" in page.text


def test_every_role_has_a_next_step(tx: Session, make: Maker) -> None:
    organisation = make.organisation("hospital")
    for role in Role:
        by = Actor(None, organisation.id, organisation.kind, "45", frozenset({role}))
        found = steps(tx, by=by)
        assert found, role
        assert all(step.path.startswith("/") and step.title and step.text and step.action for step in found)
    assert set(BY_ROLE) == set(Role)
    assert set(MENU) <= set(Role)


def titles(tx: Session, by: Actor) -> dict[str, int | None]:
    return {step.title: step.count for step in steps(tx, by=by) if step.waits}


def test_a_kitchen_sees_its_drafts_and_its_head_what_to_approve(tx: Session, make: Maker) -> None:
    kitchen = make.organisation("school")
    make.demand(kitchen)
    make.demand(make.organisation("school"))
    assert titles(tx, make.actor(kitchen, "buyer_officer")) == {
        "Drafts to finish": 1,
        "From the menu to the demand": None,
    }
    assert titles(tx, make.actor(kitchen, "buyer_head")) == {"Demands to approve": 1}


def test_a_group_sees_awards_with_the_nearest_deadline_first(tx: Session, make: Maker) -> None:
    group = make.organisation()
    late, soon = make.published_award(group, hours=48), make.published_award(group, hours=2)
    make.published_award(hours=1)
    leader = make.actor(group, "supplier_manager")
    first = steps(tx, by=leader)[0]
    assert (first.title, first.count, first.due) == ("Awards to answer", 2, soon.respond_by)
    assert late.respond_by != soon.respond_by
    assert (first.path, first.waits) == ("/awards", True)


def test_companies_see_who_is_new_and_what_is_due(tx: Session, make: Maker) -> None:
    company = make.organisation("provincial_company")
    make.organisation(state="submitted")
    make.organisation(state="submitted", place="520101")
    make.round()
    found = titles(tx, make.actor(company, "facilitator"))
    assert (found["Organisations to check"], found["Rounds that wait for you"]) == (1, 1)


def test_auditors_see_the_rounds_that_name_their_company(tx: Session, make: Maker) -> None:
    company, other = make.organisation("national_company"), make.organisation("provincial_company")
    make.round(state="proposed", reviewer_company_id=company.id)
    assert titles(tx, make.actor(company, "auditor")) == {"Rounds to review": 1}
    assert titles(tx, make.actor(other, "auditor")) == {}


def test_an_attester_is_led_to_the_groups_that_declared(tx: Session, make: Maker) -> None:
    group, agency = make.organisation(), make.organisation("attesting_agency")
    attester = make.actor(agency)
    assert titles(tx, attester) == {}
    days = {"valid_from": today(), "valid_until": today() + timedelta(days=300)}
    make.add(SocialShare(organisation_id=group.id, measure="income_sharing", declared_bp=2000, **days))
    (step,) = steps(tx, by=attester)
    assert (step.title, step.count, step.waits) == ("Declared shares to attest", 1, True)
    assert [path for path, _ in step.links] == [f"/organisations/{group.id}/shares"]


def test_a_market_that_is_no_demonstration_says_so_nowhere(client: TestClient) -> None:
    with making(client) as make:
        make.organisation()
    assert "demo" not in client.get("/").text.replace("demand", "")
