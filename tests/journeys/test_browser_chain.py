"""The chain in a real browser, on one served demonstration, by role and label, in both languages.

A school completes and approves a demand, the facilitator closes the round and proposes, the national auditor checks,
approves and publishes, a group answers on its telephone, both sides see the order, and the log is verified. The tests
follow each other: each begins where the one before ended.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect, sync_playwright

from service.demo.library import SCHEME
from tests.browser import launch
from tests.journeys.visitor import PHONE, Studio, Visitor
from tests.server import serving, verb

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SOLVED_MS = 300_000
PASSWORD = "rice at seven, soup at noon"
ROI_ET = {"th": "ร้อยเอ็ด", "en": "Roi Et"}


@pytest.fixture(scope="module")
def whole_story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """The demonstration, served once for this file."""
    folder = tmp_path_factory.mktemp("browser")
    with sync_playwright() as playwright, launch(playwright) as browser, serving(folder, "--demo") as server:
        yield Studio(browser, server.address, folder)


@pytest.fixture
def studio(whole_story: Studio) -> Iterator[Studio]:
    """The demonstration; its visitors leave when the test ends."""
    yield whole_story
    whole_story.leave()


def open_draft(officer: Visitor) -> None:
    """From the list to the newest demand that is still a draft."""
    officer.go_by_menu("Demands")
    draft = officer.find("row").filter(has_text=officer.said("draft"))
    draft.get_by_role("link").first.click()


def test_a_school_officer_signs_in_from_the_first_page_and_completes_the_draft(studio: Studio) -> None:
    officer = studio.visitor()
    officer.goto("/")
    officer.look("first-page")
    officer.picture("first-page")
    name = "Sign in as Procurement officer of Ban Khok Maeo Miao School"
    officer.button(name).click()
    officer.look("officer-home")

    open_draft(officer)
    officer.look("demand-draft")
    officer.link("Edit the draft").click()
    first = officer.find("group", "Line %(number)s", number=1)
    ceiling = officer.label("Ceiling (baht)", first)
    before = ceiling.input_value()
    ceiling.fill("999999")
    officer.label("Quantity", first).fill("thirty")
    officer.look("grid")
    officer.picture("buyer-grid")
    officer.button("Save the draft").click()

    # What was typed stays, and each mistake is told where it was made.
    expect(officer.find("alert")).to_be_visible()
    assert officer.label("Quantity", first).input_value() == "thirty"
    assert first.locator(".wrong").all_inner_texts()
    officer.look("grid-refused")
    officer.label("Quantity", first).fill("30")
    officer.button("Save the draft").click()
    expect(first.locator(".wrong")).to_have_count(1)
    officer.label("Ceiling (baht)", first).fill(before)
    officer.button("Save the draft").click()

    assert officer.sees("The head of your institution approves the total here.")
    officer.look("demand-waits")


def test_an_officer_writes_a_demand_without_scripts(studio: Studio) -> None:
    officer = studio.visitor("demo-roiet-school-officer", language="th", scripts=False)
    officer.go_by_menu("Demands")
    officer.link("New demand").click()
    officer.label("Title").fill("ผักสำหรับค่ายพักแรม")
    first = officer.find("group", "Line %(number)s", number=1)
    officer.label("Product", first).fill("kale")
    officer.label("Quantity", first).fill("-3")
    officer.label("Ceiling (baht)", first).fill("20")
    officer.button("Check prices, more rows").click()
    officer.button("Save the draft").click()
    expect(first.locator(".wrong")).to_have_count(1)
    officer.look("grid-refused")
    officer.label("Quantity", first).fill("12")
    officer.button("Save the draft").click()
    assert officer.page.get_by_role("heading", level=1).inner_text() == "ผักสำหรับค่ายพักแรม"
    officer.look("demand-draft")


def test_the_head_approves_the_total_and_the_budget_shows_it_reserved(studio: Studio) -> None:
    head = studio.visitor("demo-roiet-school-head", language="th", scripts=False)
    head.look("head-home")
    head.go_by_menu("Demands")
    drafts = head.find("row").filter(has_text=head.said("Draft"))
    drafts.filter(has_not_text="ค่ายพักแรม").get_by_role("link").click()
    approval = head.page.get_by_role("region", name=head.said("Approve the whole"))
    (total,) = re.findall(r"[\d,]+\.\d\d", approval.get_by_role("button").inner_text())
    approval.get_by_role("button").click()
    assert head.sees("Approved. The province's next round for this week takes it up by itself.")
    head.look("demand-approved")
    head.go_by_menu("Budget")
    reserved = head.page.get_by_role("definition").filter(has_text=re.compile(rf"^\s*{total}\s*$"))
    expect(reserved).to_have_count(1)
    head.look("budget")


def test_the_facilitator_closes_the_round_with_a_reason_and_proposes_the_result(studio: Studio) -> None:
    facilitator = studio.visitor("demo-roiet-facilitator")
    facilitator.look("facilitator-home")
    facilitator.go_by_menu("Rounds")
    facilitator.look("rounds")
    facilitator.link("Close the round early").click()
    assert facilitator.sees("Prices are sealed")
    facilitator.look("round-open")
    step = facilitator.page.get_by_role("region", name="Next step")
    facilitator.label("Reason", step).first.fill("Every kitchen of the province has approved its demand.")
    facilitator.button("Close the round early", step).click()
    progress = facilitator.page.get_by_role("progressbar")
    expect(progress.first).to_be_visible()
    facilitator.look("round-solving")
    # The page renews itself: nobody presses anything until the result is there.
    propose = facilitator.button("Propose this result", step)
    propose.wait_for(timeout=SOLVED_MS)
    facilitator.look("round-solved")
    propose.click()
    facilitator.look("round-proposed")


def test_an_auditor_of_the_company_that_facilitated_is_refused_and_told_who_reviews(studio: Studio) -> None:
    auditor = studio.visitor("demo-roiet-auditor")
    auditor.go_by_menu("Rounds")
    auditor.find("row").get_by_role("link").first.click()
    step = auditor.page.get_by_role("region", name="Next step")
    national = "Pracharat Rak Samakkee Thailand Social Enterprise (demo)"
    expect(step).to_contain_text(f"nobody judges their own work: {national} reviews it")
    expect(auditor.button("Approve", step)).to_have_count(0)
    auditor.look("round-recused")


def open_round(auditor: Visitor) -> None:
    """The proposed round of Roi Et."""
    auditor.go_by_menu("Rounds")
    row = auditor.find("row").filter(has_text=ROI_ET[auditor.language]).first
    row.get_by_role("link").first.click()


def test_the_national_auditor_recomputes_and_solves_again(studio: Studio) -> None:
    auditor = studio.visitor("demo-national-auditor")
    auditor.look("auditor-home")
    open_round(auditor)
    for scenario in ("Least cost", "Policy", "Most social"):
        expect(auditor.page.get_by_role("columnheader", name=re.compile(scenario, re.IGNORECASE))).to_be_visible()
    certificate = auditor.page.get_by_role("region", name="Certificate of the policy scenario")
    expect(certificate).to_contain_text("No allocation under these rules")
    expect(auditor.page.get_by_role("img", name=re.compile("^Who delivers to whom"))).to_be_visible()
    auditor.look("round")
    auditor.picture("auditor-round")
    auditor.button("Recompute the certificate").click()
    assert auditor.sees("Verified: everything below was computed anew just now and holds.")
    auditor.look("certificate")
    auditor.link("Back to the round").click()
    auditor.button("Solve again from the snapshot").click()
    identical = auditor.page.get_by_text("Identical", exact=True)
    identical.wait_for(timeout=SOLVED_MS)
    auditor.look("replay")


def test_the_auditor_reads_the_reasons_of_an_award_and_of_a_loser(studio: Studio) -> None:
    auditor = studio.visitor("demo-national-auditor")
    open_round(auditor)
    auditor.link("All awards").click()
    auditor.look("awards-of-round")
    auditor.find("table").get_by_role("link").first.click()
    assert auditor.sees("Who was chosen, and why")
    assert auditor.sees("What the preference is made of")
    losers = auditor.find("table").last
    assert losers.get_by_role("row").nth(1).inner_text().strip()
    auditor.look("reasons")
    auditor.picture("reasons")
    losers.get_by_role("link").first.click()
    expect(auditor.page.get_by_role("heading", level=1)).to_contain_text("Why this result")
    auditor.look("supplier-reasons")


def test_the_national_auditor_approves_and_publishes(studio: Studio) -> None:
    auditor = studio.visitor("demo-national-auditor", language="th")
    open_round(auditor)
    auditor.look("round")
    step = auditor.page.get_by_role("region", name=auditor.said("Next step"))
    auditor.button("Take up the review", step).click()
    auditor.label("Note", step).fill("ตรวจแล้วตรงตามเกณฑ์")
    auditor.button("Approve", step).click()
    auditor.look("round-approved")
    auditor.button("Publish", step).click()
    assert auditor.sees("The groups have their awards; what falls short is solved again by itself.")
    auditor.look("round-published")


def urgent(leader: Visitor) -> Locator:
    """The way to the most urgent award, in a long list and in a short one."""
    return leader.page.locator("main .waits a").first


def first_award(leader: Visitor) -> None:
    """Open the most urgent award."""
    leader.goto("/awards")
    urgent(leader).click()


def test_a_leader_accepts_a_whole_award_with_one_tap(studio: Studio) -> None:
    leader = studio.visitor("demo-roiet-enterprise-leader", language="th", size=PHONE)
    leader.look("leader-home")
    leader.go_by_menu("Awards")
    assert "รอคำตอบ" in leader.page.get_by_role("main").inner_text()
    leader.look("awards")
    urgent(leader).tap()
    leader.look("award")
    leader.picture("supplier-award-phone")
    leader.button("Accept everything").tap()
    assert leader.sees("Done: the order stands")
    leader.look("award-accepted")
    leader.link("Open the order").tap()
    leader.look("order")


def test_a_leader_accepts_another_award_in_part_without_scripts(studio: Studio) -> None:
    leader = studio.visitor("demo-roiet-enterprise-leader", language="th", size=PHONE, scripts=False)
    first_award(leader)
    leader.page.get_by_text(leader.said("A part, or decline"), exact=True).tap()
    line = leader.page.locator("fieldset").first
    line.get_by_label(leader.said("Accept a part"), exact=True).check()
    amount = line.get_by_role("spinbutton")
    amount.fill(amount.get_attribute("min") or "1")
    leader.button("Continue").tap()
    assert leader.sees("Is this right?")
    leader.look("award-part-sure")
    leader.button("Yes, send this answer").tap()
    assert leader.sees("Done: the order stands")
    leader.look("award-part")


def test_a_leader_declines_a_third_award_with_a_reason(studio: Studio) -> None:
    leader = studio.visitor("demo-roiet-enterprise-leader", language="th", size=PHONE)
    first_award(leader)
    leader.page.get_by_text(leader.said("A part, or decline"), exact=True).tap()
    for line in leader.page.locator("fieldset").all():
        line.get_by_label(leader.said("Decline"), exact=True).check()
        line.get_by_role("combobox").select_option("too_far")
    leader.look("award-declining")
    leader.button("Send the answer").tap()
    assert leader.sees("Thank you for saying so in time")
    leader.look("award-declined")
    leader.go_by_menu("Orders")
    assert leader.find("row").count() == 3  # the heading, and two orders
    leader.look("orders")


def test_the_buyer_sees_the_order_too(studio: Studio) -> None:
    leader = studio.visitor("demo-roiet-enterprise-leader")
    leader.go_by_menu("Orders")
    leader.find("row").nth(1).get_by_role("link").first.click()
    order = leader.find("heading").first.inner_text()
    (kitchen,) = re.findall(r"ocds-thprs-demo-(45-b\d+)", leader.page.get_by_role("main").inner_text())
    made = verb(studio.folder, "person", "kitchen", f"{SCHEME}:{kitchen.upper()}", "buyer_officer", sent=PASSWORD)
    assert made.returncode == 0, made.stderr

    buyer = studio.visitor("kitchen", password=PASSWORD, language="th")
    buyer.go_by_menu("Orders")
    buyer.look("buyer-orders")
    buyer.find("row").filter(has_text=order.split()[-1]).get_by_role("link").first.click()
    assert buyer.find("heading").first.inner_text().split()[-1] == order.split()[-1]
    buyer.look("buyer-order")


def test_the_auditor_verifies_the_log(studio: Studio) -> None:
    auditor = studio.visitor("demo-national-auditor")
    auditor.go_by_menu("Event log")
    auditor.look("log")
    auditor.link("Verify the chain").click()
    assert auditor.sees("The chain is whole.")
    auditor.look("log-verified")
