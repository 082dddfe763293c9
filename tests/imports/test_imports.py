"""The verb `import`: idempotent, refusals with line, field and reason, exit codes, one event a run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.catalog.models import Grade, LocalUnit, Product, ProductAlias, ReferencePrice
from service.cli import main
from service.events.models import Event
from service.events.rules import facts
from service.kernel.db import Database
from service.parties.models import District, Organisation, Subdistrict
from tests.make import making

Load = Callable[..., int]
SCHOOLS = "name_th,level,subdistrict_code,district_code,province_code,match\n"


@pytest.fixture
def load(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Run the verb on a text, over a database with one sub-district."""
    monkeypatch.setenv("MARKET_DATABASE_URL", sqlite_database.url)
    with making(sqlite_database) as make:
        make.place("450101")

    def run(what: str, text: str, *options: str) -> int:
        path = tmp_path / "given.csv"
        path.write_text(text, encoding="utf-8")
        return main(["import", what, str(path), "--lang", "en", *options])

    return run


def organisations(database: Database) -> list[Organisation]:
    with database.reading() as tx:
        return list(tx.scalars(select(Organisation).order_by(Organisation.name_th)))


def test_a_second_run_changes_nothing_and_says_so(
    load: Load, sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        SCHOOLS + "โรงเรียนหนึ่ง,x,450101,4501,45,exact\nโรงเรียนสอง,,,4501,45,district_only\nโรงเรียนสาม,,,,45,unmatched\n"
    )
    assert load("institutions", text, "--kind", "school") == 0
    assert "3 lines read: 3 added, 0 changed, 0 as before, 0 refused" in capsys.readouterr().out
    assert load("institutions", text, "--kind", "school") == 0
    out = capsys.readouterr().out
    assert "3 lines read: 0 added, 0 changed, 3 as before, 0 refused" in out
    assert "Columns that are not used: level, match" in out
    found = {row.name_th: row for row in organisations(sqlite_database)}
    one, two, three = (found[name] for name in ("โรงเรียนหนึ่ง", "โรงเรียนสอง", "โรงเรียนสาม"))
    assert (one.scheme, one.registration_id) == ("TH-SCHOOL-NAME", "450101:โรงเรียนหนึ่ง")
    assert (two.subdistrict_code, two.district_code, two.approximate) == (None, "4501", True)
    assert (three.district_code, three.province_code, three.lat) == (None, "45", 16.05)
    with sqlite_database.reading() as tx:
        runs = tx.scalars(select(Event).where(Event.verb == "import.finished")).all()
        assert [dict(facts(run.change))["added"] for run in runs] == [3, 0]
        assert len({dict(facts(run.change))["sha256"] for run in runs}) == 1
        assert tx.scalar(select(func.count()).select_from(Event)) == 2


def test_refused_lines_name_field_and_reason_and_the_others_are_loaded(
    load: Load, sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "kind,scheme,registration_id,name_th,subdistrict_code,heads,lat,lng\n"
        'hospital,HCODE,๑๐๐๑,โรงพยาบาลดี,๔๕๐๑๐๑,"1,200",16.1,103.7\n'
        "hospital,HCODE,1001,โรงพยาบาลซ้ำ,450101,1,,\n"
        "castle,HCODE,1002,ปราสาท,450101,1,,\n"
        "school,HCODE,1003,โรงเรียน,999999,1,,\n"
        "school,HCODE,1004,โรงเรียน,,1,,\n"
        "school,HCODE,1005,โรงเรียน,450101,-5,,\n"
        "school,HCODE,1006,โรงเรียน,450101,1,16.1,\n"
        "farmer_group,HCODE,1007,กลุ่ม,450101,1,,\n"
        "school,HCODE,1008,=cmd|'/c calc'!A1,450101,1,,\n"
        "school,HCODE,1009,สั้น\n"
    )
    assert load("institutions", text) == 1
    out = capsys.readouterr().out
    refused = {
        3: "name_th",
        4: "kind",
        5: "subdistrict_code",
        6: "subdistrict_code",
        7: "heads",
        9: "kind",
        10: "name_th",
    }
    for number, field in refused.items():
        assert f"line {number}: {field}: " in out
    assert "line 8: " in out
    assert "stands in line 2" in out
    assert "10 lines read: 1 added, 0 changed, 0 as before, 9 refused" in out
    (good,) = organisations(sqlite_database)
    assert (good.registration_id, good.heads, good.approximate, good.state) == ("1001", 1200, False, "submitted")


def test_reasons_come_in_thai_where_asked(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    assert load("institutions", SCHOOLS + "โรงเรียน,,,,,\n", "--kind", "school", "--lang", "th") == 1
    assert "บรรทัด 2: subdistrict_code: ไม่มีข้อมูลที่ตั้ง" in capsys.readouterr().out


def test_blank_cells_and_places_leave_what_people_entered(load: Load, sqlite_database: Database) -> None:
    text = "kind,scheme,registration_id,name_th,subdistrict_code,heads,lat,lng\nschool,SC,1,โรงเรียน,450101,{},{},{}\n"
    load("institutions", text.format(120, 16.2, 103.8))
    load("institutions", text.format("", "", "").replace("โรงเรียน", "โรงเรียนใหม่"))
    (row,) = organisations(sqlite_database)
    assert (row.name_th, row.heads, row.lat, row.approximate, row.version) == ("โรงเรียนใหม่", 120, 16.2, False, 2)


def test_suppliers_bring_households_and_may_come_qualified(load: Load, sqlite_database: Database) -> None:
    text = "kind,name_th,subdistrict_code,member_households,legal_form\nfarmer_group,กลุ่มผัก,450101,34,กลุ่ม\n"
    assert load("suppliers", text, "--state", "qualified") == 0
    (row,) = organisations(sqlite_database)
    assert (row.scheme, row.member_households, row.legal_form, row.state) == (
        "TH-FARMER-GROUP-NAME",
        34,
        "กลุ่ม",
        "qualified",
    )
    assert load("suppliers", text.replace("farmer_group", "school")) == 1


@pytest.mark.parametrize(
    ("what", "text", "lacks"),
    [
        ("institutions", "name_en\nx\n", "kind, name_th, subdistrict_code"),
        ("places", "code,name_th\n10,x\n", "name_en"),
        ("products", "code,name_th\nx,y\n", "name_en, family, unit"),
        ("prices", "product_code,week\nx,y\n", "province_code, sample_size, source, lower_satang"),
    ],
)
def test_a_missing_column_is_named_and_nothing_is_read(
    what: str, text: str, lacks: str, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(what, text) == 2
    assert lacks in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "\n\n", "{}", '{"type": "FeatureCollection"}'])
def test_an_unreadable_file_ends_with_two(text: str, load: Load) -> None:
    assert load("outlines", text) == 2
    assert load("places", text) == 2


def test_a_header_alone_is_a_run_of_nothing(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    assert load("institutions", SCHOOLS, "--kind", "school") == 0
    assert "0 lines read" in capsys.readouterr().out


def test_places_need_the_place_above_and_take_its_point(load: Load, sqlite_database: Database) -> None:
    header = "code,name_th,name_en,district_code,province_code,postal_code,lat,lng\n"
    rows = (
        "450102,ก้อง,Kong,4501,45,45000 45001,,\n460101,ไม่มี,None,4601,46,,16,103\n450103,เอง,Own,4501,45,,16.5,103.5\n"
    )
    assert load("places", header + rows) == 1
    with sqlite_database.reading() as tx:
        borrowed, own = tx.get_one(Subdistrict, "450102"), tx.get_one(Subdistrict, "450103")
        assert (borrowed.lat, borrowed.approximate, borrowed.postal_code) == (16.05, True, "45000")
        assert (own.lat, own.approximate) == (16.5, False)
        assert tx.get(Subdistrict, "460101") is None


def test_outlines_match_by_code_or_name_and_tell_what_they_cannot_match(
    load: Load, sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    ring = "[[103.600001, 16.0], [103.7, 16.0], [103.7, 16.100049], [103.600001, 16.0]]"
    shape = f'{{"type": "Polygon", "coordinates": [{ring}]}}'
    named = '{"ADM2_TH": "ที่ 450101", "ADM1_PCODE": "TH45"}'
    features = [
        f'{{"properties": {{"ADM2_PCODE": "TH4501"}}, "geometry": {shape}}}',
        f'{{"properties": {named}, "geometry": {shape}}}',
        f'{{"properties": {{"ADM2_EN": "Atlantis"}}, "geometry": {shape}}}',
        '{"properties": {"ADM2_PCODE": "TH4501"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}',
        '{"properties": null, "geometry": null}',
    ]
    assert load("outlines", f'{{"features": [{", ".join(features)}]}}') == 1
    out = capsys.readouterr().out
    assert "1 changed" in out
    assert "Atlantis" in out
    with sqlite_database.reading() as tx:
        outline = tx.get_one(District, "4501").outline
    assert outline == [[[[103.6, 16.0], [103.7, 16.0], [103.7, 16.1], [103.6, 16.0]]]]


PRODUCT = (
    "code,name_th,name_en,family,unit,shelf_life_days,aliases,packs,local_units,grades\n"
    "kale,คะน้า,Chinese kale,agriculture,KGM,๓,th:ผักคะน้า|en:gai lan,5:ถุง/bag|10:ลัง/crate,"
    "เข่ง/basket=12.5,A:1:เกรดเอ/Grade A|B:2:เกรดบี/Grade B\n"
)


def test_products_come_with_their_lists_and_blank_cells_keep_them(load: Load, sqlite_database: Database) -> None:
    assert load("products", PRODUCT) == 0
    assert load("products", "code,name_th,name_en,family,unit,packs\nkale,คะน้า,Kale,agriculture,KGM,-\n") == 0
    with sqlite_database.reading() as tx:
        product = tx.get_one(Product, "kale")
        assert (product.name_en, product.shelf_life_days) == ("Kale", 3)
        assert set(tx.scalars(select(ProductAlias.name))) == {"ผักคะน้า", "gai lan"}
        assert tx.scalars(select(LocalUnit.factor_milli)).all() == [12500]
        assert tx.scalars(select(Grade.code).order_by(Grade.rank)).all() == ["A", "B"]


@pytest.mark.parametrize("cell", ["grades", "packs", "local_units", "aliases"])
def test_a_list_in_another_syntax_is_refused(cell: str, load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    assert load("products", f"code,name_th,name_en,family,unit,{cell}\nkale,คะน้า,Kale,agriculture,KGM,rubbish\n") == 1
    assert f"line 2: {cell}: " in capsys.readouterr().out


def test_prices_in_baht_and_buddhist_weeks_are_read(load: Load, sqlite_database: Database) -> None:
    load("products", PRODUCT)
    header = "product_code,province_code,week,lower_baht,median_baht,upper_baht,sample_size,source\n"
    good = "kale,45,2569-11-16,18.50,20,๒๒.๒๕,12,market\n"
    bad = "kale,45,2569-11-17,1,2,3,1,market\nkale,45,2569-11-16,3,2,1,1,other\n"
    bad += "kale,99,2569-11-16,1,2,3,1,x1\nnone,45,2569-11-16,1,2,3,1,x2\n"
    assert load("prices", header + good + bad + "kale,45,2569-11-16,1.234,2,3,1,x3\n") == 1
    assert load("prices", header + good) == 0
    with sqlite_database.reading() as tx:
        (price,) = tx.scalars(select(ReferencePrice)).all()
        assert (price.lower_satang, price.median_satang, price.upper_satang) == (1850, 2000, 2225)
        assert price.week.isoformat() == "2026-11-16"
