"""Search: by every name, in the order of fit, misspelt as people misspell, and never behind what was written."""

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.catalog import queries, search
from service.catalog.models import Product, ProductAlias, ProductKey
from tests.make import Maker

NAMES = {
    "VEG-01": ("ผักบุ้งจีน", "Morning glory", ("ผักบุ้ง", "water spinach")),
    "VEG-02": ("ผักบุ้งไทย", "Swamp cabbage", ()),
    "VEG-03": ("กะหล่ำปลี", "Cabbage", ()),
    "VEG-04": ("แครอท", "Carrot", ()),
    "VEG-05": ("ขึ้นฉ่าย", "Celery", ()),
    "EGG-01": ("ไข่ไก่ เบอร์ 2", "Hen eggs, no. 2", ()),
    "MEAT-1": ("เนื้อไก่", "Chicken", ()),
}


@pytest.fixture
def shelf(make: Maker) -> Maker:
    for code, (thai, english, others) in NAMES.items():
        make.product(code, name_th=thai, name_en=english)
        for name in others:
            make.add(ProductAlias(product_code=code, language="th" if name > "z" else "en", name=name))
    return make


@pytest.mark.parametrize(("words", "codes"), [
    ("ผักบุ้ง", ["VEG-01", "VEG-02"]), ("ผักบุง", ["VEG-01", "VEG-02"]),  # tone marks may be missing
    ("พักบุ้ง", ["VEG-01", "VEG-02"]), ("ผักปุ้งจีน", ["VEG-01"]), ("ผกบุ้งจีน", ["VEG-01"]),
    ("morning glory", ["VEG-01"]), ("Morning-Glory", ["VEG-01"]), ("mornin glori", ["VEG-01"]),
    ("water spinach", ["VEG-01"]), ("spinach", ["VEG-01"]), ("watter spinash", ["VEG-01"]),
    ("คื่นช่าย", ["VEG-05"]), ("ขึ้นช่าย", ["VEG-05"]), ("กะหลั่มปลี", ["VEG-03"]), ("cabage", ["VEG-03"]),
    ("cabbage", ["VEG-03", "VEG-02"]),  # the name itself before a name that holds it
    ("ไก่", ["EGG-01", "MEAT-1"]), ("ไข่", ["EGG-01"]), ("veg-04", ["VEG-04"]), ("แคลอด", ["VEG-04"]),
    ("xylophone", []), ("%", []), ("_", []), ("   ", sorted(NAMES)), ("ก" * 100, []), ("'; --", []),
])  # fmt: skip
def test_a_product_is_found_as_people_write_it(tx: Session, shelf: Maker, words: str, codes: list[str]) -> None:
    assert [row.code for row in queries.products(tx, words=words)] == codes


def test_letters_that_sound_alike_are_one() -> None:
    assert search.sound("พักบุง") == search.sound("ผักบุง")
    assert search.sound("แครรอต") == search.sound("แคลอฏ")
    assert search.sound("cabbage") == "cabage"
    assert search.sound("") == ""


def test_keys_follow_names_and_aliases_and_leave_with_them(tx: Session, shelf: Maker) -> None:
    product = shelf.tx.get_one(Product, "VEG-04")
    product.name_en = "Orange root"
    alias = shelf.add(ProductAlias(product_code="VEG-04", language="en", name="Daucus"))
    assert [row.code for row in queries.products(tx, words="orange root")] == ["VEG-04"]
    assert [row.code for row in queries.products(tx, words="daucus")] == ["VEG-04"]
    tx.delete(alias)
    tx.flush()
    assert queries.products(tx, words="daucus") == []
    assert queries.products(tx, words="carrot") == []
    tx.execute(delete(ProductKey))
    search.index(tx.connection())
    assert "orangeroot" in set(tx.scalars(select(ProductKey.plain)))


def test_pages_of_the_catalogue_join_up(tx: Session, shelf: Maker) -> None:
    everything = [row.code for row in queries.products(tx)]
    assert everything == sorted(NAMES)
    first = queries.products(tx, limit=3)
    rest = queries.products(tx, after=first[-1].code)
    assert [row.code for row in (*first, *rest)] == everything
    found = [row.code for row in queries.products(tx, words="ผัก")]
    assert [row.code for row in queries.products(tx, words="ผัก", after=found[0], limit=1)] == found[1:2]
    assert queries.products(tx, family="service") == []


def test_a_whole_name_is_told_from_a_part_of_one(tx: Session, shelf: Maker) -> None:
    asked = ["ผักบุ้ง", "water SPINACH", "cabb"]
    assert search.exact(tx, asked) == {"ผักบุ้ง": ["VEG-01"], "water SPINACH": ["VEG-01"]}
