"""The source tree as house tests read it: every file parsed once."""

import ast
from dataclasses import dataclass
from functools import cached_property, lru_cache
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
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.text, str(self))))

    @property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [node for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@lru_cache
def sources(*folders: str, suffix: str = ".py") -> tuple[Source, ...]:
    """Every file of the folders with the suffix, in order."""
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob(f"*{suffix}")))
    return tuple(Source(path, path.read_text(encoding="utf-8")) for path in paths if "__pycache__" not in path.parts)
