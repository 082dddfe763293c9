"""The grid's comforts without a script: names as written, pasting, files, undo, what is kept; and hostile files."""

import base64
import csv
import random
import re
from contextlib import closing
from datetime import time
from io import BytesIO, StringIO
from time import process_time
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.catalog.models import ProductAlias
from service.demand import entry
from service.demand.models import Demand, DemandLine, DraftState
from service.sheets import reading
from tests.asgi import Answer, Wire
from tests.conftest import app_of
from tests.demand.test_pages import Reader, Scene, count, value
from tests.make import Caller, database_of, making, next_week
from tests.sheets.hostile import HEAD, Sent, book, csv_of, files, sheet_xml
from tests.trust.world import as_actor


@pytest.fixture
def scene(client: TestClient) -> Scene:
    with making(client) as make:
        made = Scene(make)
        make.add(ProductAlias(product_code="KALE", language="th", name="ผักบุ้ง"))
        make.add(ProductAlias(product_code="KALE", language="en", name="water spinach"))
        return made


def row(number: int, product: str, quantity: str = "5", ceiling: str = "20") -> dict[str, str]:
    return {f"lines-{number}-product_code": product, f"lines-{number}-quantity": quantity,
            f"lines-{number}-ceiling_satang": ceiling, f"lines-{number}-delivery_date": "0"}  # fmt: skip


def upload(reader: Reader, form: dict[str, Any], content: bytes, name: str = "lines.xlsx") -> Any:
    return reader.client.post("/demands/new", data=form | {"_upload": "1"}, files={"_file": (name, content)})


def test_a_product_is_written_by_any_name_and_chosen_where_none_is_meant(client: TestClient, scene: Scene) -> None:
    officer = Reader(client, scene.officer)
    saved = officer.post("/demands/new", scene.form() | row(0, "Water spinach") | row(1, "rice"))
    assert saved.status_code == 303
    with database_of(client).reading() as tx:
        codes = tx.scalars(select(DemandLine.product_code).order_by(DemandLine.position))
        assert list(codes) == ["KALE", "RICE"]

    refused = officer.post("/demands/new", scene.form() | row(0, "พักบุ้ง"))
    assert refused.status_code == 422
    assert "No product is called “พักบุ้ง”" in refused.text
    assert '<button class="plain small" name="_pick" value="0:KALE"' in refused.text
    picked = officer.post("/demands/new", scene.form() | row(0, "พักบุ้ง") | {"_pick": "0:KALE"})
    assert (picked.status_code, value(picked, "lines-0-product_code")) == (200, "Kale")
    assert "at most 24.20" in picked.text
    other = officer.post("/demands/new", scene.form() | row(0, "rice") | {"lines-0-substitutes-1": "xyzzy"})
    assert "No product is called “xyzzy”" in other.text
    other = officer.post("/demands/new", scene.form() | row(0, "rice") | {"lines-0-substitutes-1": "พักบุ้ง"})
    assert 'name="_pick" value="0:KALE:substitutes-0"' in other.text
    picked = scene.form() | row(0, "rice") | {"lines-0-substitutes-0": "พักบุ้ง", "_pick": "0:KALE:substitutes-0"}
    assert value(officer.post("/demands/new", picked), "lines-0-substitutes-0") == "Kale"


def test_a_form_holds_as_many_lines_as_a_demand(client: TestClient, scene: Scene) -> None:
    officer, rest = Reader(client, scene.officer), {f"substitutes-{place}": "" for place in range(3)}
    rest |= dict.fromkeys(("grade_id", "least_quantity", "most_quantity"), "") | {"most_awards": "3"}
    form = scene.form()
    for number in range(200):
        form |= row(number, "KALE") | {f"lines-{number}-{name}": text for name, text in rest.items()}
    sent = officer.client.post("/demands/new", data=form, files={"_file": ("", b"")})
    assert sent.status_code == 303, sent.text[:500]
    assert count(client, DemandLine) == 200
    assert count(client, Demand) == 1
    for strange in ("x", "9:KALE", "-1:KALE", "0:", f"{'9' * 30}:KALE", "0:\x00"):
        answer = officer.post("/demands/new", scene.form() | row(0, "พักบุ้ง") | {"_pick": strange})
        assert answer.status_code == 200


def test_pasted_rows_join_what_was_typed_and_a_step_back_undoes_them(client: TestClient, scene: Scene) -> None:
    officer = Reader(client, scene.officer)
    pasted = "ผักบุ้ง\t๑,๒๐๐\t20\tอังคาร\t05:30\t7.30 น.\t๑,๐๐๐\t1300\r\nRICE\t3\n"
    page = officer.post("/demands/new", scene.form() | row(0, "RICE") | {"_paste": "1", "_pasted": pasted})
    assert page.status_code == 200, page.text
    got = [value(page, f"lines-{number}-quantity") for number in range(3)]
    assert got == ["5", "1200", "3"]
    assert (value(page, "lines-1-window_from"), value(page, "lines-1-window_until")) == ("05:30", "07:30")
    assert value(page, "lines-2-ceiling_satang") == ""
    assert [value(page, f"lines-1-{name}_quantity") for name in ("least", "most")] == ["1000", "1300"]
    again = scene.form() | row(0, "RICE")
    for number, cells in ((1, ("KALE", "1200", "20.00")), (2, ("RICE", "3", ""))):
        again |= row(number, *cells)
    state = re.search(r'name="_state" value="([^"]+)"', page.text)
    assert state is not None
    back = officer.post("/demands/new", again | {"_undo": "1", "_state": state[1]})
    assert (value(back, "lines-0-quantity"), value(back, "lines-1-quantity")) == ("5", "")
    assert count(client, Demand) == 0


def test_a_time_is_written_as_people_write_it(client: TestClient, scene: Scene) -> None:
    officer = Reader(client, scene.officer)
    typed = row(0, "RICE") | {"lines-0-window_from": "๖", "lines-0-window_until": "0930"}
    refused = officer.post("/demands/new", scene.form() | typed | {"lines-0-window_from": "early"})
    assert 'id="e-lines-0-window_from">Write a time as 06:30.' in refused.text
    assert "<strong>Line 1 · From</strong>: Write a time as 06:30." in refused.text
    assert [value(refused, f"lines-0-window_{end}") for end in ("from", "until")] == ["early", "09:30"]
    assert officer.post("/demands/new", scene.form() | typed).status_code == 303
    with database_of(client).reading() as tx:
        line = tx.scalars(select(DemandLine)).one()
        assert (line.window_from, line.window_until) == (time(6), time(9, 30))


def test_a_wrong_file_points_at_its_cells_and_keeps_what_was_typed(client: TestClient, scene: Scene) -> None:
    officer = Reader(client, scene.officer)
    rows: list[list[Any]] = [HEAD, ["KALE", 0, "Monday", 20], ["KALLE", 4, "Someday", 20], ["xylophone", 4, 9, 20]]
    refused = upload(officer, scene.form() | row(0, "RICE", "77"), book([sheet_xml(rows)]))
    assert refused.status_code == 422
    for said in ("B2: it must be more", "A3: no product is called “KALLE”; near:", "C3: write a day", "A4: no product"):
        assert said in refused.text
    assert 'href="#f-sheet' not in refused.text  # the cell is in the file, not on the page
    assert 'role="alert" tabindex="-1" autofocus' in refused.text
    assert value(refused, "lines-0-quantity") == "77"
    bounds: list[list[Any]] = [
        ["Product", "Quantity", "At least", "ไม่เกิน"],
        ["KALE", 5, 6, 4],
        ["KALE", 5, 0, 10**9],
        ["KALE", 5, "", 5],
    ]
    refused = upload(officer, scene.form(), csv_of(bounds).encode())
    for said in ("C2: at least cannot", "D2: at most cannot", "C3: it must be more", "D3: this number is too"):
        assert said in refused.text
    right = upload(
        officer, scene.form() | row(0, "RICE", "77"), csv_of([*rows[:1], ["KALE", 9, 2, 20]]).encode("cp874")
    )
    assert (right.status_code, value(right, "lines-1-quantity")) == (200, "9")
    blank = upload(officer, scene.form(), b"")
    assert (blank.status_code, '<details class="card ways" open>' in blank.text) == (422, True)


def test_what_was_typed_is_kept_per_person_until_it_is_saved(client: TestClient, scene: Scene) -> None:
    officer = Reader(client, scene.officer)
    half = scene.form() | row(0, "Kale", "many") | {"_keep": "1"}
    for _ in range(2):
        assert client.post("/demands/new", data=half, headers={"X-Autosave": "1"}).status_code == 204
    assert count(client, DraftState) == 1
    for number in range(30):
        client.post("/demands/new", data=half | {"title": f"Title {number}"}, headers={"X-Autosave": "1"})
    assert count(client, DraftState) == 20
    page = officer.get("/demands/new")
    assert "that is not saved yet" in page.text
    on = officer.post("/demands/new", {"_continue": "1"})
    assert (value(on, "title"), value(on, "lines-0-quantity")) == ("Title 29", "many")
    officer.post("/demands/new", {"_forget": "1"})
    assert "that is not saved yet" not in officer.get("/demands/new").text
    assert client.post("/demands/new", data=half, headers={"X-Autosave": "1"}).status_code == 204
    assert "that is not saved yet" not in Reader(client, scene.head).get("/demands/new").text
    Reader(client, scene.officer)
    assert officer.post("/demands/new", scene.form() | row(0, "Kale")).status_code == 303
    assert count(client, DraftState) == 0
    group = Reader(client, scene.group)
    assert group.post("/demands/new", half).status_code == 403


def test_the_template_is_a_file_that_can_be_sent_back(client: TestClient, scene: Scene) -> None:
    officer = Reader(client, scene.officer)
    for kind in ("xlsx", "csv"):
        answer = officer.get(f"/demands/template.{kind}")
        assert answer.headers["content-disposition"].endswith(f'.{kind}"')
        back = upload(officer, scene.form(), answer.content, f"a.{kind}")
        assert (back.status_code, value(back, "lines-0-quantity")) == (200, "40"), back.text
    client.cookies.set("lang", "th")
    lines = list(csv.reader(StringIO(officer.get("/demands/template.csv").content.decode("utf-8-sig"))))
    assert (lines[0][:2], lines[0][-2:]) == (["สินค้า", "จำนวน"], ["อย่างน้อย", "ไม่เกิน"])
    found = reading.read("", officer.get("/demands/template.xlsx").content, entry.columns())
    assert (found.rows[0].values["quantity"], found.faults) == (40, [])


@pytest.mark.parametrize(("text", "day"), [
    ("Monday", 0), ("mon", 0), ("จันทร์", 0), ("วันจันทร์", 0), ("จ.", 0), ("อาทิตย์", 6), ("1", 0), ("๗", 6), ("8", None),
    ("0", None), (next_week().isoformat(), 0), ("someday", None), ("", None), ("2569-01-01", None),
])  # fmt: skip
def test_a_day_is_a_name_a_number_or_a_date_of_the_week(text: str, day: int | None) -> None:
    assert entry.day_of(text, next_week()) == day


@pytest.mark.slow
def test_a_thousand_hostile_files_become_rows_or_a_clear_problem(client: TestClient) -> None:
    with making(client) as make:
        make.product()
        officer = make.actor(make.organisation("school"), "buyer_officer")
    app = app_of(database_of(client))
    app.state.resolve_actor = lambda *given: officer if given[-1] == "officer" else None
    begun, verdicts = process_time(), {200: 0, 422: 0}
    with closing(Wire(app)) as wire:
        for number, sent in enumerate(files(1_000, seed=20_261_122)):
            answer = _send(wire, sent, by_form=number % 5 == 1)
            verdicts[answer.status] += 1
            if sent.quantities is not None:
                assert answer.status == 200, (sent.kind, answer.text[:3_000])
                if number % 5 != 1:
                    assert tuple(line["quantity"] for line in answer.json()) == sent.quantities, sent.kind
            if sent.must_fail:
                assert answer.status == 422, (sent.kind, answer.text[:3_000])
    print(f"{process_time() - begun:.1f} s of processor time")  # noqa: T201 - shown with -s
    assert verdicts[200] > 200
    assert verdicts[422] > 400
    assert count(client, Demand) == 0


def _send(wire: Wire, sent: Sent, *, by_form: bool) -> Answer:
    """Through the real upload, as a browser's form or as a program's call."""
    if by_form:
        return wire.send("POST", "/demands/new", *_multipart(random.Random(len(sent.content)), sent.name, sent.content))
    body = {"content": base64.b64encode(sent.content).decode(), "delivery_week": str(next_week())}
    return wire.json("POST", "/api/v1/demands/lines-of-file", body, as_actor("officer"))


def _multipart(dice: random.Random, name: str, content: bytes) -> tuple[dict[str, str], bytes]:
    """A form with a file, as browsers send it."""
    edge = f"edge{dice.getrandbits(64):x}"
    head = "".join(f'--{edge}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{text}\r\n'
                   for field, text in {"_upload": "1", "delivery_week": str(next_week())}.items())  # fmt: skip
    last = f'--{edge}\r\nContent-Disposition: form-data; name="_file"; filename="{name or "x"}"\r\n\r\n'
    body = BytesIO()
    for part in (head.encode(), last.encode(), content, f"\r\n--{edge}--\r\n".encode()):
        body.write(part)
    headers = {"content-type": f"multipart/form-data; boundary={edge}", **as_actor("officer")}
    return headers, body.getvalue()


def test_states_of_another_person_are_not_shown(client: TestClient, scene: Scene) -> None:
    with making(client) as make:
        demand = make.demand(scene.hospital, [make.line(scene.kale)])
        other = make.person(scene.hospital, "buyer_officer")
    first = Reader(client, scene.officer)
    first.post(f"/demands/{demand.id}/edit", scene.form(title="Mine alone") | row(0, "KALE") | {"_keep": "1"})
    assert "that is not saved yet" in first.get(f"/demands/{demand.id}/edit").text
    second = Reader(client, other)
    page = second.post(f"/demands/{demand.id}/edit", {"_continue": "1"})
    assert "Mine alone" not in page.text


def test_the_api_reads_lines_of_a_file_and_refuses_strangers(client: TestClient, scene: Scene) -> None:
    content = base64.b64encode(csv_of([[*HEAD, "At most"], ["Kale", 40, "Tue", "20.50", 45]]).encode()).decode()
    body = {"content": content, "delivery_week": str(next_week())}
    answer = Caller(client, scene.officer).post("/demands/lines-of-file", body)
    told = ("product_code", "quantity", "ceiling_satang", "least_quantity", "most_quantity")
    assert [tuple(line[name] for name in told) for line in answer.json()] == [("KALE", 40, 2050, None, 45)]
    assert Caller(client, scene.group).post("/demands/lines-of-file", body).status_code == 403
    caller = Caller(client, scene.officer)
    for wrong in ({"content": "###"}, {"content": None}, {"delivery_week": "soon"}, {"content": "QQ=="}, {}):
        assert caller.post("/demands/lines-of-file", {**body, **wrong} if wrong else {}).status_code == 422
