"""Every code of the solver and of eligibility has a sentence in both languages, and every number its place."""

import re
from typing import Any

import pytest

from service.allocation.eligibility import CONDITIONS
from service.allocation.vocabulary import INELIGIBLE
from service.audit import words
from service.kernel.i18n import LANGUAGES, speaking, translations
from solver.explain import ARC_CODES, SHORT_CODES
from tests.house.tree import ROOT

THAI = re.compile("[\u0e00-\u0e7f]")
NUMBERS: dict[str, Any] = {"price_gap": 1.25, "volume_needed": 12.0, "lot_excess": 3.0, "cap": "budget:1"}


def test_every_code_of_a_pair_has_a_sentence() -> None:
    assert set(words.WHY) == set(ARC_CODES)
    assert set(words.CHANGE) <= set(ARC_CODES)


def test_every_code_of_a_short_line_has_a_sentence() -> None:
    assert set(words.MISSED) == set(SHORT_CODES)


def test_every_condition_of_eligibility_has_a_sentence() -> None:
    assert set(INELIGIBLE) == set(CONDITIONS)
    assert set(words.AGAINST) <= set(CONDITIONS)


def test_every_limit_has_a_name() -> None:
    source = (ROOT / "service/allocation/caps.py").read_text(encoding="utf-8")
    made = set(re.findall(r'f?"([a-z-]+):(?:\{|poor)', source))
    assert made == set(words.CAPS)


@pytest.mark.parametrize("code", ARC_CODES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_is_one_filled_sentence_in_the_readers_language(code: str, language: str) -> None:
    with speaking(language):
        said = words.why(code, NUMBERS)
        turned = words.change(code, NUMBERS, "kg", 2000, rounded=False)
    assert said
    assert "{" not in said + turned
    assert bool(THAI.search(said)) is (language == "th")


def test_the_sentence_itself_tells_no_price() -> None:
    assert not [code for code, message in words.WHY.items() if "{gap}" in message or "{price}" in message]


def test_thai_keeps_every_placeholder() -> None:
    thai = translations("th")
    for messages in (words.WHY, words.CHANGE, words.MISSED, words.AGAINST, INELIGIBLE):
        for message in messages.values():
            found = thai.gettext(message)
            assert found != message, message
            assert set(re.findall(r"\{\w+\}", found)) == set(re.findall(r"\{\w+\}", message)), message


def test_a_gap_beyond_the_price_is_no_advice() -> None:
    with speaking("en"):
        assert words.change("dearer", {"price_gap": 32.83}, "kg", 3250, rounded=False) == ""
        assert "1.25" in words.change("dearer", {"price_gap": 1.25}, "kg", 3250, rounded=False)
        assert words.change("dearer", {}, "kg", 3250, rounded=False) == ""


def test_a_group_reads_whole_baht_and_at_least_one() -> None:
    with speaking("en"):
        assert "about 1 baht" in words.change("outbid", {"price_gap": 0.2}, "kg", 2000, rounded=True)
        assert "about 3 baht" in words.change("outbid", {"price_gap": 2.6}, "kg", 2000, rounded=True)


def test_what_a_short_line_missed_names_limit_and_volume() -> None:
    with speaking("en"):
        assert "the budget" in words.missed({"code": "cap"}, "budget:1", "kg")
        assert "About 12 kg more would pay" in words.missed({"code": "trip", "volume_needed": 12.0}, None, "kg")
