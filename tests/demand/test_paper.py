"""The request document: what stands on it, in Thai, the same bytes for the same demand, for its institution alone."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from service.committees.models import Committee, Seat
from service.demand import paper
from service.kernel.i18n import speaking
from service.kernel.problems import NotAllowed, NotFound
from service.papers import typesetting
from tests.make import Caller, Maker, making, next_week

NASTY = '#read("/etc/passwd") *x* <a> $1$'


def test_everything_that_the_head_signs_stands_on_it(tx: Session, make: Maker) -> None:
    hospital = make.organisation("hospital")
    officer, inspector = make.actor(hospital, "buyer_officer"), make.person(hospital, "inspector")
    kale = make.product("KALE")
    make.reference_price(kale, next_week())
    seats = [Seat(person_id=inspector.id, kind="chair", position=0)]
    committee = make.add(Committee(organisation_id=hospital.id, rule="inspector-2560", seats=seats))
    others = [make.product(code, name_th=name).code for code, name in (("CRESS", "ผักน้ำ"), ("SPINACH", "ผักโขม"))]
    need = make.line(kale, quantity=950, least_quantity=900, most_quantity=1_000, substitutes=others)
    row = make.demand(hospital, [need], created_by=officer.person_id, title=NASTY,
                      committee_id=committee.id)  # fmt: skip
    with speaking("th"):
        found = paper.facts(tx, by=officer, row=row)
    [line] = found["rows"]
    assert line[1].endswith(" · หรือแทนด้วย ผักน้ำ, ผักโขม (ตามลำดับ)")
    assert line[3:] == ["900–1,000 กิโลกรัม · ต้องการ 950", "20.00", "22.00", "22,000.00"]
    assert "สูงสุด" in found["note"]
    assert (found["total"], found["total_words"]) == ("22,000.00", "สองหมื่นสองพันบาทถ้วน")
    assert found["seats"] == [["ประธานกรรมการ", inspector.display_name]]
    assert found["draft"]
    told = dict(found["pairs"])
    assert NASTY in told["เหตุผล"]
    assert str(next_week().year + 543) in told["เหตุผล"]
    assert told["วิธีซื้อ"]
    made = paper.request(tx, by=officer, demand_id=row.id)
    assert made.content.startswith(b"%PDF-")
    assert made == paper.request(tx, by=officer, demand_id=row.id)


def test_two_hundred_lines_go_over_pages_that_repeat_their_head(tx: Session, make: Maker) -> None:
    hospital = make.organisation("hospital")
    row = make.demand(hospital, [make.line() for _ in range(200)])
    with speaking("th"):
        pages = typesetting.typeset("request", paper.facts(tx, by=make.actor(hospital), row=row), "png")
    assert len(pages) > 4


def test_others_do_not_get_it(tx: Session, make: Maker) -> None:
    hospital = make.organisation("hospital")
    draft, approved = make.demand(hospital), make.demand(hospital, state="planned")
    stranger = make.actor(make.organisation("school"))
    with pytest.raises(NotFound):
        paper.request(tx, by=stranger, demand_id=draft.id)
    with pytest.raises(NotAllowed):
        paper.request(tx, by=stranger, demand_id=approved.id)


def test_it_is_handed_out_by_api_and_page(client: TestClient) -> None:
    with making(client) as make:
        hospital = make.organisation("hospital")
        officer, row = make.person(hospital, "buyer_officer"), make.demand(hospital)
        path = f"/demands/{row.id}/request"
    caller = Caller(client, officer)
    page = client.get(f"{path}.pdf", headers=caller.headers)
    assert (page.status_code, page.headers["content-type"]) == (200, "application/pdf")
    assert page.content == caller.get(path).content
