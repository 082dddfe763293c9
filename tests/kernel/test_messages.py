"""Every text has its Thai: the verb finds what is missing, unused or filled with other blanks."""

from pathlib import Path

import pytest

from service import cli
from service.kernel import i18n, messages


def test_every_text_of_the_product_has_its_thai() -> None:
    found = messages.look()
    assert found.missing == {}
    assert found.unlike == []


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A product of two capabilities with three texts."""
    for folder in ("locale/th", "templates/stalls", "stalls", "kernel"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "kernel" / "words.py").write_text('A = N_("Shared")\n', encoding="utf-8")
    (tmp_path / "stalls" / "rules.py").write_text('B = N_("Only {count} left")\nC = N_("Shared")\n', encoding="utf-8")
    page = '{{ _("Stall") }} {{ ngettext("%(num)s stall", "%(num)s stalls", 2) }}'
    (tmp_path / "templates" / "stalls" / "one.html").write_text(page, encoding="utf-8")
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALE", tmp_path / "locale")
    monkeypatch.setattr(i18n, "LOCALE", tmp_path / "locale")
    return tmp_path / "locale" / "th"


def test_missing_texts_are_named_by_capability_and_written_with_an_empty_translation(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["messages", "--check"]) == 1
    assert "kernel: no Thai: Shared" in capsys.readouterr().out
    assert not list(small.iterdir())
    assert cli.main(["messages"]) == 1
    assert sorted(path.name for path in small.iterdir()) == ["kernel.po", "stalls.po"]
    stalls = (small / "stalls.po").read_text(encoding="utf-8")
    assert 'msgid_plural "%(num)s stalls"' in stalls
    assert "Shared" not in stalls
    cli.main(["messages"])
    assert (small / "stalls.po").read_text(encoding="utf-8") == stalls


def test_a_translation_must_fill_the_same_blanks_and_be_used(small: Path) -> None:
    texts = {"Shared": "x", "Only {count} left": "{number}", "Stall": "y", "Gone": "z"}
    entries = "".join(f'\nmsgid "{text}"\nmsgstr "{thai}"\n' for text, thai in texts.items())
    (small / "all.po").write_text(messages.HEADER + entries, encoding="utf-8")
    found = messages.look()
    assert found.missing == {"stalls": [("%(num)s stall", "%(num)s stalls")]}
    assert found.unused == ["Gone"]
    assert found.unlike == ["Only {count} left"]
