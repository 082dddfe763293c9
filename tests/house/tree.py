"""The source tree as house tests read it: every file parsed once."""

import ast
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("service", "solver")
EVERYTHING = (*PACKAGES, "tests", "migrations", "benchmarks")


@dataclass(frozen=True)
class Source:
    """One file of the project."""

    path: Path
    text: str

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def package(self) -> str:
        return self.path.relative_to(ROOT).parts[0]

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self))

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def modules(self) -> dict[str, str]:
        """The modules of ours that a file knows, and the functions that it imports by name: local name to path."""
        known: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("service"):
                base = (node.module or "").replace(".", "/")
                known |= {alias.asname or alias.name: f"{base}/{alias.name}.py" for alias in node.names}
                known |= {f"{alias.asname or alias.name}()": f"{base}.py:{alias.name}" for alias in node.names}
        return known

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [node for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@cache
def source(path: Path) -> Source:
    """One file, read and parsed once: until `source.cache_clear`, for all trees together are a million objects."""
    return Source(path, path.read_text(encoding="utf-8"))


def sources(*folders: str, suffix: str = ".py") -> tuple[Source, ...]:
    """Every file of the folders with the suffix, in order."""
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob(f"*{suffix}")))
    return tuple(source(path) for path in paths if "__pycache__" not in path.parts)
