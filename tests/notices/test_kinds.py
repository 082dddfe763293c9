"""The kinds that people choose channels for are told somewhere: nobody is asked about a notice that never comes."""

from pathlib import Path

from service.kernel.settings import ROOT
from service.notices.vocabulary import KINDS


def told() -> str:
    """The code of everything but the list of kinds itself."""
    listed = Path(ROOT, "service", "notices", "vocabulary.py")
    return "\n".join(path.read_text(encoding="utf-8") for path in Path(ROOT, "service").rglob("*.py") if path != listed)


def test_every_kind_of_notice_is_told_somewhere() -> None:
    code = told()
    assert [kind for kind in KINDS if f'"{kind}"' not in code] == []
