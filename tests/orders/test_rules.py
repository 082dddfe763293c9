"""Rules of answers, without a database: parts, states, times, numbers."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from service.kernel.i18n import speaking
from service.kernel.ids import new_id
from service.orders import rules
from service.orders.vocabulary import LABELS, Answer, AwardState, DeclineReason
from service.rounds.models import AwardLine
from service.rounds.snapshot import OUT_OF_PRODUCE

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def line(answer: str | None = None, accepted: int = 0) -> AwardLine:
    return AwardLine(quantity=40, answer=answer, accepted_quantity=accepted)


@pytest.mark.parametrize(
    ("quantity", "pack", "expected"),
    [
        (40, 5, rules.Part(5, 35, 5)),
        (40, 1, rules.Part(1, 39, 1)),
        (42, 5, rules.Part(5, 40, 5)),
        (5, 5, None),
        (1, 1, None),
        (3, 0, rules.Part(1, 2, 1)),
    ],
)
def test_a_part_is_whole_packs_and_less_than_all(quantity: int, pack: int, expected: rules.Part | None) -> None:
    assert rules.part_of(quantity, pack) == expected


@pytest.mark.parametrize(
    ("asked", "taken"), [(5, 5), (35, 35), (40, 0), (45, 0), (7, 0), (None, 0)]
)  # fmt: skip
def test_an_answer_in_part_takes_a_whole_number_of_packs_or_nothing(asked: int | None, taken: int) -> None:
    assert rules.taken(40, 5, Answer.PARTIALLY_ACCEPTED, asked) == taken


def test_accepting_takes_all_and_declining_nothing() -> None:
    assert rules.taken(40, 5, Answer.ACCEPTED, None) == 40
    assert rules.taken(40, 5, Answer.DECLINED, None) == 0


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([line()], AwardState.PENDING),
        ([line("declined"), line()], AwardState.PENDING),
        ([line("accepted", 40), line()], AwardState.ACTIVE),
        ([line("declined"), line("partially_accepted", 5)], AwardState.ACTIVE),
        ([line("declined"), line("expired")], AwardState.UNSUCCESSFUL),
    ],
)
def test_the_state_of_an_award_follows_from_its_lines(lines: list[AwardLine], state: AwardState) -> None:
    assert rules.state_after(lines) == state


def test_an_answer_is_in_time_until_the_very_moment() -> None:
    rules.must_be_in_time(NOON, NOON)
    with pytest.raises(rules.TooLate):
        rules.must_be_in_time(NOON, NOON + timedelta(microseconds=1))


def test_a_late_answer_is_told_the_time_in_the_readers_calendar() -> None:
    problem = rules.TooLate(until=NOON)
    with speaking("th"):
        assert "22 พฤศจิกายน 2569 19:00" in problem.words()["detail"]
    with speaking("en"):
        assert "22 November 2026 19:00" in problem.words()["detail"]


@pytest.mark.parametrize(("award", "round_"), [("cancelled", "published"), ("pending", "approved")])
def test_a_withdrawn_award_or_an_unpublished_round_takes_no_answers(award: str, round_: str) -> None:
    with pytest.raises(rules.AwardClosed):
        rules.must_be_answerable(award, round_)


def test_an_answered_line_is_not_answered_again() -> None:
    rules.must_be_unanswered(line())
    with pytest.raises(rules.AlreadyAnswered):
        rules.must_be_unanswered(line("declined"))


def test_an_order_number_names_province_and_thai_year_and_differs_between_awards_of_one_moment() -> None:
    assert rules.order_number("45", 2026, UUID(int=31)) == "PO-45-2569-000000000Z"
    assert len({rules.order_number("45", 2026, new_id()) for _ in range(5000)}) == 5000


def test_the_reasons_that_empty_an_offers_day_are_among_the_reasons_to_decline() -> None:
    assert set(DeclineReason) >= OUT_OF_PRODUCE
    assert {f"decline.{reason}" for reason in DeclineReason} <= set(LABELS)
