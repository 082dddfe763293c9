"""Papers: the same facts give the same bytes, what people typed stays text, amounts and days in words."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from service.kernel.i18n import long_day, speaking
from service.papers import typesetting

TEMPLATE = """#import "letter.typ": *
#show: letter.with(title: facts.title, head: facts.head)
#facts.text <said>
#pagebreak()
#listing((1fr, auto), facts.names, facts.rows, right-from: 1)
"""
FACTS = {"title": "T", "head": "H", "text": "plain", "names": ["a", "b"], "rows": [["x", "1"]]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(typesetting.FOLDER / "letter.typ", tmp_path)
    (tmp_path / "probe.typ").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path.parent / "secret.txt").write_text("secret", encoding="utf-8")
    monkeypatch.setattr(typesetting, "FOLDER", tmp_path)
    return tmp_path


def test_the_same_facts_give_the_same_bytes_and_other_facts_another_digest(folder: Path) -> None:
    once, again = typesetting.pdf("probe", FACTS), typesetting.pdf("probe", dict(reversed(FACTS.items())))
    assert once.startswith(b"%PDF-")
    assert once == again
    assert typesetting.digest("probe", FACTS) != typesetting.digest("probe", FACTS | {"text": "other"})
    assert len(typesetting.typeset("probe", FACTS, "png")) == 2


@pytest.mark.parametrize(
    "typed", ['#read("../secret.txt")', "#panic()", "]] } #(1/0)", "$x^2$ *b* @nowhere <a>", "\x00\u202e\ufffd"]
)
def test_what_people_typed_is_set_as_it_stands(folder: Path, typed: str) -> None:
    picture = typesetting.typeset("probe", FACTS | {"text": typed}, "png")
    assert len(picture) == 2
    assert picture[0] != typesetting.typeset("probe", FACTS, "png")[0]


@pytest.mark.parametrize(
    ("satang", "thai", "english"),
    [
        (0, "ศูนย์บาทถ้วน", "zero baht only"),
        (1_121_000_01, "หนึ่งล้านหนึ่งแสนสองหมื่นหนึ่งพันบาทหนึ่งสตางค์", "one satang"),
        (10**13 - 1, "เก้าสิบเก้าสตางค์", "ninety-nine satang"),
        (21_50, "ยี่สิบเอ็ดบาทห้าสิบสตางค์", "twenty-one baht and fifty satang"),
    ],
)
def test_amounts_are_written_out_to_the_last_satang(satang: int, thai: str, english: str) -> None:
    with speaking("th"):
        assert typesetting.baht_words(satang).endswith(thai)
    with speaking("en"):
        assert typesetting.baht_words(satang).endswith(english)


def test_days_are_written_as_the_reader_counts_years() -> None:
    with speaking("th"):
        assert long_day(date(2026, 11, 22)) == "22 พฤศจิกายน 2569"
    with speaking("en"):
        assert long_day(date(2026, 11, 22)) == "22 November 2026"
