"""The command line: what it prints and its exit codes, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import solver
from tests.solver.made import clashing, plain, random_instance

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "solver", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("solver")
    question, answer = folder / "instance.npz", folder / "result.json"
    solver.write_instance(random_instance(4, 6, 6, frozenset({"drops", "split", "caps"}), 9), question)
    done = run("solve", question, "-o", answer, "--seed", "5", "--workers", "2", "--progress")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(("optimal", "feasible"))
    steps = [json.loads(line) for line in done.stderr.splitlines()]
    assert {"phase", "fraction", "objective", "bound"} == set(steps[0])
    return question, answer


def test_solve_without_output_prints_only_the_result(files: tuple[Path, Path]) -> None:
    done = run("solve", files[0], "--log")
    assert done.returncode == 0
    assert json.loads(done.stdout)["format"] == "allocation-result/1"
    rows = [line.split() for line in done.stderr.splitlines()]
    assert rows[0] == ["phase", "done", "seconds", "objective", "bound", "gap"]
    assert {row[0] for row in rows[1:]} <= {"bound", "construct", "improve"}
    assert all(len(row) == 6 for row in rows)


def test_a_plan_to_begin_from_is_never_made_worse_and_must_be_of_the_same_arcs(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    question, answer = files
    again = run("solve", question, "--start", answer)
    assert json.loads(again.stdout)["objective"] <= json.loads(answer.read_text())["objective"] + 1e-6
    wrong = json.loads(answer.read_text())
    wrong["awards"]["arc"] = [10**6 for _ in wrong["awards"]["arc"]]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(wrong))
    refused = run("solve", question, "--start", other)
    assert (refused.returncode, "start" in refused.stderr) == (2, True)


def test_verify_accepts_what_was_solved(files: tuple[Path, Path]) -> None:
    done = run("verify", *files)
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "verified")


def test_verify_prints_a_line_a_violation_and_exits_with_1(files: tuple[Path, Path], tmp_path: Path) -> None:
    document = json.loads(files[1].read_text())
    document["objective"] -= 5
    tampered = tmp_path / "tampered.json"
    tampered.write_text(json.dumps(document))
    done = run("verify", files[0], tampered)
    assert done.returncode == 1
    assert any(line.startswith("objective:") for line in done.stdout.splitlines())


def test_explain_prints_a_record_an_arc(files: tuple[Path, Path]) -> None:
    q = solver.read_instance(files[0])
    done = run("explain", *files, "--line", "0")
    assert done.returncode == 0
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum("drop_awards" in r for r in records) == int((q.arcs.line == 0).sum())
    assert run("explain", *files, "--offer", "99").returncode == 2


def test_explain_confirms_one_arc_by_solving_again(tmp_path: Path) -> None:
    q = plain(offers__capacity=[40, 40], arcs__unit_cost=[1.0, 9.0, 3.0, 4.0], caps__limit=[4.0], caps__cap=[0],
              caps__arc=[2], caps__coefficient=[1.0])  # fmt: skip
    question, answer = tmp_path / "q.json", tmp_path / "r.json"
    solver.write_instance(q, question)
    solver.write_result(solver.solve(q), answer)
    why, confirmed = map(json.loads, run("explain", question, answer, "--arc", "1", "--confirm").stdout.splitlines())
    assert (why["code"], why["certain"]) == ("dearer", True)
    assert (confirmed["change"], confirmed["holds"], confirmed["proven"]) == ("price", True, True)
    assert confirmed["smallest"] == pytest.approx(8.0, abs=0.1)
    (cap,) = map(json.loads, run("explain", question, answer, "--cap", "0", "--confirm").stdout.splitlines())
    assert cap["saved"] == pytest.approx(6.0)
    assert run("explain", question, answer, "--confirm").returncode == 2


def test_info_shows_the_digest(files: tuple[Path, Path]) -> None:
    done = run("info", files[0])
    assert done.returncode == 0
    assert solver.digest(solver.read_instance(files[0])) in done.stdout


def test_no_plan_exits_with_1(tmp_path: Path) -> None:
    question, answer = tmp_path / "clash.json", tmp_path / "result.npz"
    solver.write_instance(clashing(), question)
    done = run("solve", question, "-o", answer)
    assert done.returncode == 1
    assert "clashing caps: 0, 2" in done.stdout
    assert run("verify", question, answer).returncode == 1


def test_bad_input_exits_with_2_and_one_clear_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    document = json.loads(solver.instance_to_json(plain()))
    document["lines"]["quantity"][1] = -4
    bad.write_text(json.dumps(document))
    for command in ("solve", "info"):
        done = run(command, bad)
        assert done.returncode == 2
        assert done.stderr == "bad input: lines.quantity row 1: must be at least 0, not -4\n"
    assert run("solve", tmp_path / "missing.json").returncode == 2
    assert run("solve", bad, "--effort", "heroic").returncode == 2


def test_checking_never_loads_the_engine() -> None:
    code = (
        "import sys, solver, solver.__main__\n"
        "assert not [m for m in sys.modules if m.startswith(('ortools', 'pandas'))]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
