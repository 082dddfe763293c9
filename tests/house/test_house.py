"""The house keeps its drawing: sizes, names, words and imports that linters do not know."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator

import pytest

from service.kernel.settings import Settings
from tests.house.tree import EVERYTHING, PACKAGES, ROOT, Source, sources

THAI = re.compile("[\u0e00-\u0e7f]")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
VAGUE = {"utils", "helpers", "common", "misc", "manager", "util", "helper"}
FILE_LINES = {"service": 300, "solver": 400}
FUNCTION_LINES = 45
SOLVER_IMPORTS = set(sys.stdlib_module_names) | {"numpy", "ortools", "solver"}
MAY_KNOW_THE_WEB = ("api.py", "pages.py")
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-assets.lock", "requirements-setup.lock")
THIS_FOLDER = "tests/house/"  # names what it forbids


def none(findings: Iterable[str]) -> None:
    """Fail with every finding, one a line."""
    found = list(findings)
    assert not found, "\n" + "\n".join(found)


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that a file imports, wherever it does."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""


def matches(pattern: re.Pattern[str], found: Iterable[Source]) -> Iterator[str]:
    return (
        f"{source}:{number}: {line.strip()[:90]}"
        for source in found
        for number, line in enumerate(source.lines, 1)
        if pattern.search(line)
    )


def test_thai_lives_in_the_catalogue_and_in_data_never_in_code() -> None:
    templates = sources(*PACKAGES, suffix=".html")
    none(matches(THAI, (*sources(*PACKAGES), *templates)))


def test_files_are_short() -> None:
    none(
        f"{source}: {len(source.lines)} lines, at most {FILE_LINES[source.package]}"
        for source in sources(*PACKAGES)
        if len(source.lines) > FILE_LINES[source.package]
    )


def test_functions_are_short() -> None:
    none(
        f"{source}:{function.lineno}: {function.name} has {lines} lines, at most {FUNCTION_LINES}"
        for source in sources(*PACKAGES)
        for function in source.functions
        if (lines := (function.end_lineno or function.lineno) - function.lineno + 1) > FUNCTION_LINES
    )


def test_nothing_is_left_for_later() -> None:
    written = (source for source in sources(*EVERYTHING) if not str(source).startswith(THIS_FOLDER))
    templates = sources(*PACKAGES, suffix=".html")
    none(matches(UNFINISHED, (*written, *templates)))


def test_every_module_says_what_it_is() -> None:
    none(
        f"{source}: no docstring"
        for source in sources(*EVERYTHING)
        if source.text.strip() and not ast.get_docstring(source.tree)
    )


def test_every_package_says_what_it_is() -> None:
    none(f"{source}: empty" for source in sources(*PACKAGES) if not source.text.strip())


def test_imports_stand_at_the_top() -> None:
    none(
        f"{source}:{node.lineno}: import inside {function.name}"
        for source in sources(*EVERYTHING)
        for function in source.functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def test_imports_are_absolute() -> None:
    none(
        f"{source}:{node.lineno}: relative import"
        for source in sources(*PACKAGES)
        for node in source.nodes
        if isinstance(node, ast.ImportFrom) and node.level
    )


def test_no_import_hides_from_the_import_graph() -> None:
    hidden = re.compile(r"\b(TYPE_CHECKING|import_module|__import__)\b")
    # solver/highs.py loads OR-Tools, and nothing else, at the first solve: checking a result must start without it.
    none(matches(hidden, [source for source in sources(*PACKAGES) if source.path.name != "highs.py"]))


def test_the_solver_needs_the_standard_library_numpy_and_ortools_only() -> None:
    none(
        f"{source}:{line}: imports {name}"
        for source in sources("solver")
        for line, name in imports(source)
        if name.partition(".")[0] not in SOLVER_IMPORTS
    )


def test_the_checker_shares_no_code_with_the_search() -> None:
    search = {"ortools", *(f"solver.{part}" for part in ("bound", "construct", "exact", "improve", "solve"))}
    none(
        f"{source}:{line}: imports {name}"
        for source in sources("solver")
        if source.path.name == "check.py"
        for line, name in imports(source)
        if name in search or name.partition(".")[0] in search
    )


def test_nobody_reaches_into_ortools_protos() -> None:
    written = (source for source in sources(*EVERYTHING) if not str(source).startswith(THIS_FOLDER))
    none(matches(re.compile(r"\.Proto\("), written))  # crashes OR-Tools 9.15


def test_handlers_never_commit_and_never_catch_a_problem() -> None:
    edges = [source for source in sources("service") if source.path.name in MAY_KNOW_THE_WEB]
    none(matches(re.compile(r"\.(commit|rollback)\(|except .*(Problem|Exception)\b"), edges))


def test_file_names_say_something() -> None:
    none(str(source) for source in sources(*PACKAGES) if VAGUE & set(source.path.stem.lower().split("_")))


def test_money_is_never_a_float() -> None:
    none(matches(re.compile(r"_satang\b.*:\s*(Mapped\[)?float|float\(\w*satang"), sources(*PACKAGES)))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_packages_and_hashes_never_an_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert text.count("==") <= text.count("--hash=sha256:")
    assert not re.search(r"^-", text, re.MULTILINE)  # no options such as an index


def test_the_development_lock_holds_the_service_lock() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[^\s#-].*?(?= \\$)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))

    none(sorted(pins("requirements.lock") - pins("requirements-dev.lock")))


def test_every_dependency_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name in tomllib.loads(text)["project"]["dependencies"]:
        line = next(line for line in text.splitlines() if f'"{name}"' in line)
        assert "#" in line, line


def test_every_setting_is_described_and_documented() -> None:
    path = ROOT / "docs" / "settings.md"
    documented = path.read_text(encoding="utf-8") if path.is_file() else ""
    prefix = Settings.model_config["env_prefix"]
    assert prefix == "MARKET_"
    names = {name: f"{prefix}{name}".upper() for name in Settings.model_fields}
    none(f"{name}: no description" for name, field in Settings.model_fields.items() if not field.description)
    none(f"docs/settings.md does not name {word}" for word in names.values() if f"`{word}`" not in documented)
    none(
        f"docs/settings.md names {word}, which is no setting"
        for word in sorted(set(re.findall(r"`(MARKET_[A-Z_]+)`", documented)) - set(names.values()))
        if not word.startswith("MARKET_TEST_")
    )


def test_make_lists_every_target_that_people_use() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (\S+)$", text, re.MULTILINE))
    none(sorted(phony - set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))))


def test_no_test_stands_where_pytest_does_not_look() -> None:
    none(
        f"{source}: has tests, but is not named test_*.py"
        for source in sources("tests")
        if not source.path.name.startswith("test_")
        and any(function.name.startswith("test_") for function in source.functions)
    )
