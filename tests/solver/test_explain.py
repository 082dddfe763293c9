"""Every arc and every short line gets exactly one code, and the codes say what they mean."""

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import solver
from solver import BadInput, Instance
from solver.explain import ARC_CODES, SHORT_CODES
from tests.solver.made import clashing, instances, plain, random_instance

MODEST = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@MODEST
@given(instances(most_lines=6, most_offers=6))
def test_every_arc_and_every_short_line_has_one_code(q: Instance) -> None:
    result = solver.solve(q)
    if not result.has_plan:
        return
    told = solver.explain(q, result)
    assert len(told.arcs.code) == len(q.arcs)
    assert ((told.arcs.code >= 0) & (told.arcs.code < len(ARC_CODES))).all()
    assert ((told.arcs.code == 0) == (told.arcs.quantity > 0)).all()
    served = np.bincount(q.arcs.line, weights=told.arcs.quantity, minlength=len(q.lines))
    assert told.short.line.tolist() == np.flatnonzero(served < q.lines.quantity).tolist()
    assert ((told.short.code >= 0) & (told.short.code < len(SHORT_CODES))).all()
    assert (told.short.units == (q.lines.quantity - served)[told.short.line]).all()


def _arc_codes(**columns: Any) -> list[str]:
    q = plain(**columns)
    return [ARC_CODES[c] for c in solver.explain(q, solver.solve(q, "deep")).arcs.code]


def _short_codes(**columns: Any) -> list[str]:
    q = plain(**columns)
    return [SHORT_CODES[c] for c in solver.explain(q, solver.solve(q, "deep")).short.code]


def test_an_offer_without_capacity_and_a_line_without_need_say_so() -> None:
    assert _arc_codes(offers__capacity=[0, 40])[0] == "no_capacity"
    assert _arc_codes(lines__quantity=[0, 10])[:2] == ["nothing_needed", "nothing_needed"]


def test_a_minimum_above_the_need_and_a_pack_above_the_need_say_so() -> None:
    assert _arc_codes(arcs__minimum=[11, 0, 0, 0])[0] == "below_minimum"
    assert _arc_codes(arcs__step=[11, 1, 1, 1])[0] == "step"


def test_a_full_hard_cap_is_named() -> None:
    q = plain(caps__limit=[0.0], caps__cap=[0], caps__arc=[0], caps__coefficient=[1.0], offers__capacity=[40, 40])
    told = solver.explain(q, solver.solve(q, "deep")).arcs
    assert ARC_CODES[told.code[0]] == "cap_binding"
    assert told.cap[0] == 0


def test_a_dear_arc_says_by_how_much() -> None:
    q = plain(offers__capacity=[40, 40], arcs__unit_cost=[1.0, 9.0, 3.0, 4.0])
    told = solver.explain(q, solver.solve(q, "deep")).arcs
    assert ARC_CODES[told.code[1]] in ("dearer", "line_served_cheaper")
    assert 0 < told.price_gap[1] <= 8.0
    assert told.rank.tolist() == [1, 2, 1, 2]


def test_a_trip_that_would_not_pay_says_how_much_volume_is_missing() -> None:
    columns: dict[str, Any] = {"drops__fee": [900.0], "arcs__line": [0], "arcs__offer": [0], "arcs__unit_cost": [10.0],
                               "arcs__drop": [0], "offers__capacity": [100, 0]}  # fmt: skip
    q = plain(**columns)
    told = solver.explain(q, solver.solve(q, "deep"))
    assert [SHORT_CODES[c] for c in told.short.code] == ["trip", "no_arc"]
    assert told.short.volume_needed[0] == np.ceil(900 / 40) - 10
    assert ARC_CODES[told.arcs.code[0]] == "trip_too_dear"


def test_what_is_missing_for_a_short_line_is_named() -> None:
    assert _short_codes(offers__capacity=[10, 0]) == ["capacity"]
    assert _short_codes(lines__shortage_cost=[0.5, 50.0]) == ["price"]
    one_arc = {"arcs__line": [0], "arcs__offer": [0], "arcs__unit_cost": [1.0], "lines__quantity": [10, 0]}
    assert _short_codes(**one_arc, arcs__step=[4]) == ["step"]
    assert _short_codes(**one_arc, arcs__minimum=[11]) == ["minimum"]
    assert _short_codes(**one_arc, offers__capacity=[6, 0], lines__whole=[True, False]) == ["whole"]
    cap = {"caps__limit": [3.0], "caps__cap": [0], "caps__arc": [0], "caps__coefficient": [1.0]}
    assert _short_codes(**one_arc, **cap) == ["cap"]
    assert _short_codes(offers__capacity=[6, 6], lines__quantity=[10, 0], lines__max_awards=[1, 0]) == ["split"]


def test_a_hundred_thousand_arcs_are_explained_in_under_two_seconds() -> None:
    q = random_instance(3, 400, 320, frozenset({"drops", "caps", "split"}), 20)
    assert len(q.arcs) > 100_000
    result = solver.solve(q, time_limit_s=0.01)
    started = time.process_time()
    solver.explain(q, result)
    assert time.process_time() - started < 2


def test_without_a_plan_there_is_nothing_to_explain() -> None:
    with pytest.raises(BadInput):
        solver.explain(clashing(), solver.solve(clashing()))
