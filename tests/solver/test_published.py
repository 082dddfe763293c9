"""Published facility-location optima judge the solver."""

from pathlib import Path

import pytest

import solver
from benchmarks.solver_published import DATA, read, rows
from solver import BadInput
from solver.published import multi_source, single_source

SMALL = ("sscflp/holmberg/p1", "sscflp/orlib/p1", "cflp/cap71.txt", "cflp/cap101.txt")


@pytest.mark.skipif(not (DATA / "BEST_KNOWN.csv").exists(), reason="the folder of published instances is not here")
@pytest.mark.parametrize("file", SMALL)
def test_a_published_instance_is_solved_close_to_its_optimum(file: str) -> None:
    best = dict(rows(DATA))[file]
    q = read(DATA, file)
    result = solver.solve(q)
    assert solver.verify(q, result) == []
    assert result.objective is not None
    assert result.bound is not None
    assert best * (1 - 1e-6) <= result.objective <= best * 1.015
    assert result.bound <= best * (1 + 1e-6)


def test_a_small_file_of_each_format_is_read_as_written(tmp_path: Path) -> None:
    single, multi = tmp_path / "single", tmp_path / "multi"
    single.write_text("2 2\n10 12\n5 6\n3 4\n30 60\n8 12\n")
    multi.write_text("2 2\n10 5\n12 6\n3\n30 60\n4\n8 12\n")
    one, two = single_source(single), multi_source(multi)
    for q in (one, two):
        assert q.arcs.unit_cost.tolist() == [10.0, 20.0, 2.0, 3.0]
        assert q.pickups.fee.tolist() == [5.0, 6.0]
    assert one.lines.whole.all()
    assert solver.solve(one).objective == pytest.approx(30 + 8 + 5)
    assert solver.solve(two).objective == pytest.approx(30 + 8 + 5)


def test_a_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_text("2 2\n10 12\n5 6\n3 4\n30 60\n")
    for read_file in (single_source, multi_source):
        with pytest.raises(BadInput):
            read_file(short)
