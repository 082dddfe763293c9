"""The import contracts of `pyproject.toml` catch what they promise: each violation is tried on a small tree."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CAPABILITIES = (
    "accounts", "catalog", "demand", "events", "households", "keys", "listings", "orders", "parties", "people",
    "privacy", "procedure", "results", "rounds",
)  # fmt: skip
MODULES = (
    "cli", "app", "work", "models", "site/__init__", "demo/__init__", "imports/__init__", "allocation/__init__",
    "audit/__init__", "web/__init__", "web/pages",
    "kernel/__init__", "kernel/db",
    *(f"{c}/{m}" for c in CAPABILITIES for m in ("__init__", "api", "pages", "schemas", "actions", "queries", "models"))
)  # fmt: skip
ALLOWED = {
    "app": "import fastapi\nfrom service.listings import api, pages",
    "cli": "from service import app",
    "listings/api": "import fastapi\nfrom service import web\nfrom service.listings import actions, schemas",
    "listings/actions": "from service.events import actions\nfrom service.listings import models",
    "rounds/actions": "import solver",
    "web/pages": "import jinja2",
}
VIOLATIONS = {
    "an upward import": ("catalog/models", "from service.orders import models"),
    "siblings that know each other": ("listings/models", "from service.demand import models"),
    "an undrawn module": ("helpers", ""),
    "a page that is imported by an action": ("orders/actions", "from service.orders import pages"),
    "an action that is imported by a model": ("orders/models", "from service.orders import actions"),
    "a query in an action": ("orders/actions", "from service.orders import queries"),
    "the web framework in an action": ("orders/actions", "import fastapi"),
    "the web framework in the kernel": ("kernel/db", "import starlette.requests"),
    "the web toolkit in an action": ("orders/actions", "from service.web import pages"),
    "the solver outside rounds": ("orders/actions", "import solver"),
    "the service in the solver": ("../solver/solve", "from service.kernel import db"),
    "a foreign package in the solver": ("../solver/solve", "import pandas"),
}


def lint(folder: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    for name in MODULES:
        path = folder / "service" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for name in ("service/__init__.py", "solver/__init__.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    for name, text in files.items():
        (folder / "service" / f"{name}.py").write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_a_tree_as_drawn_keeps_every_contract(tmp_path: Path) -> None:
    done = lint(tmp_path, ALLOWED)
    assert done.returncode == 0, done.stdout
    assert "6 kept, 0 broken" in done.stdout


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_breaks_a_contract(violation: str, tmp_path: Path) -> None:
    name, text = VIOLATIONS[violation]
    done = lint(tmp_path, {**ALLOWED, name: text})
    assert done.returncode == 1, done.stdout
    assert "1 broken" in done.stdout, done.stdout
