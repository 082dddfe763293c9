"""Rules about parties: states, conflicts, how social shares count, distances."""

import re
from collections.abc import Iterable
from datetime import date
from math import asin, cos, radians, sin, sqrt

from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, Problem, Said, WrongState
from service.parties.models import Conflict, Organisation, SocialShare
from service.parties.vocabulary import LABELS

EARTH_KM = 6371.0
MOST_BP = 10_000  # the whole
ROAD_FACTOR = 1.3  # road kilometres for a kilometre of straight line
STEPS = {
    "pending": frozenset({"submitted"}),
    "qualified": frozenset({"submitted", "pending", "suspended"}),
    "refused": frozenset({"submitted", "pending"}),
    "suspended": frozenset({"qualified"}),
}
VERB_OF_STATE = {**dict.fromkeys(STEPS, "organisation.qualify"), "suspended": "organisation.suspend"}


class NotQualified(Problem):
    """An organisation that may not trade yet, or no more."""

    title = N_("This organisation may not trade now")
    detail = N_("Its state is “{state}”; only qualified organisations take part.")
    todo = N_("Ask the provincial Pracharat company to qualify it.")


class OwnConflict(Problem):
    """A conflict of interest of an organisation with itself."""

    title = N_("A conflict needs two organisations")
    detail = N_("An organisation cannot declare a conflict with itself.")
    todo = N_("Choose the other organisation.")


def must_be_two(organisation: Organisation, other: Organisation) -> None:
    """Refuse a conflict of an organisation with itself."""
    if organisation.id == other.id:
        raise OwnConflict


def must_step(organisation: Organisation, to: str) -> None:
    """Refuse a change of state that the table does not hold."""
    allowed = STEPS[to]
    if organisation.state not in allowed:
        raise WrongState.of(LABELS, organisation.state, allowed)


def must_be_qualified(organisation: Organisation) -> None:
    """Refuse an organisation that is not qualified."""
    if organisation.state != "qualified":
        raise NotQualified(state=Said((LABELS[organisation.state],)))


def next_states(organisation: Organisation) -> list[str]:
    """The states that an organisation may step to."""
    return [state for state, allowed in STEPS.items() if organisation.state in allowed]


def basis_points(percent: str, *, at: str) -> int:
    """Per cent as a person writes it, with at most two decimals, in basis points."""
    match = re.fullmatch(r"(\d{1,3})(?:\.(\d{1,2}))?", percent.strip().removesuffix("%").strip())
    points = 100 * int(match[1]) + int((match[2] or "").ljust(2, "0")) if match else MOST_BP + 1
    if points > MOST_BP:
        message = N_("Write a share between 0 and 100 per cent, with at most two decimals.")
        raise InvalidInput(errors=(FieldError(f"/{at}", message),))
    return points


def counted_bp(declared_bp: int, attested_bp: int | None) -> int:
    """What a share counts: the attested part in full, what is declared beyond it by half."""
    attested = attested_bp or 0
    return attested + max(0, declared_bp - attested) // 2


def counting_on(rows: Iterable[SocialShare], day: date) -> dict[str, SocialShare]:
    """The share that counts on a day by measure: the newest valid row of each."""
    newest: dict[str, SocialShare] = {}
    for row in rows:
        if row.valid_from <= day <= row.valid_until:
            known = newest.get(row.measure)
            if known is None or (row.created_at, row.id) > (known.created_at, known.id):
                newest[row.measure] = row
    return newest


def shares_on(rows: Iterable[SocialShare], day: date) -> dict[str, int]:
    """The counted basis points by measure on a day."""
    counting = counting_on(rows, day)
    return {measure: counted_bp(row.declared_bp, row.attested_bp) for measure, row in counting.items()}


def stands_on(conflict: Conflict, day: date) -> bool:
    """Whether a conflict keeps the two apart on a day."""
    return conflict.valid_from <= day and (conflict.valid_until is None or day <= conflict.valid_until)


def road_km(lat_1: float, lng_1: float, lat_2: float, lng_2: float) -> float:
    """Road distance in km: the great circle times 1.3."""
    half_lat, half_lng = radians(lat_2 - lat_1) / 2, radians(lng_2 - lng_1) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat_1)) * cos(radians(lat_2)) * sin(half_lng) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, chord))) * ROAD_FACTOR


def km_between(one: Organisation, other: Organisation) -> float | None:
    """Road kilometres between two organisations, where both have a point."""
    if one.lat is None or one.lng is None or other.lat is None or other.lng is None:
        return None
    return road_km(one.lat, one.lng, other.lat, other.lng)
