"""The page's assets: whole, small, the same every time, and named by their content."""

import io
import time
from hashlib import sha256
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from service.kernel.settings import Settings
from service.web import assets

THAI_SAMPLE = "".join(map(chr, (0x0E01, 0x0E33, 0x0E40, 0x0E49, 0x0E4C, 0x0E3F, 0x0E50, 0x0E59)))
FONTS = ("sarabun-regular.woff2", "sarabun-bold.woff2")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assets") / "site"
    assets.build(folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    chosen = Settings(assets_dir=tmp_path / "site")
    monkeypatch.setattr(assets, "settings", lambda: chosen)
    return chosen


def test_the_folder_holds_htmx_fonts_and_their_licence(built: Path) -> None:
    names = {path.name for path in built.iterdir()}
    assert names == {"htmx.min.js", *FONTS, "sarabun-license.txt", "manifest.json"}
    assert b"htmx" in (built / "htmx.min.js").read_bytes()


@pytest.mark.parametrize("name", FONTS)
def test_a_font_is_small_and_covers_what_pages_write(built: Path, name: str) -> None:
    data = (built / name).read_bytes()
    assert len(data) < 18_000
    font = TTFont(io.BytesIO(data))
    known = set(font.getBestCmap())
    assert not {c for c in THAI_SAMPLE + "aZ09€–—‘’“”…→×≤≥" if ord(c) not in known}
    assert {"GSUB", "GPOS"} <= set(font.keys())  # Thai marks stack by these


def test_building_again_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    start = time.monotonic()
    assets.build(tmp_path / "again")
    assert time.monotonic() - start < 20  # about one second on an idle machine
    for path in built.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_building_over_an_old_folder_replaces_its_files(tmp_path: Path) -> None:
    (tmp_path / "htmx.min.js").write_text("old", encoding="utf-8")
    assets.build(tmp_path)
    assert (tmp_path / "htmx.min.js").read_text(encoding="utf-8") != "old"


def test_an_address_names_its_content(settings: Settings) -> None:
    address = assets.url("htmx.min.js")
    digest = sha256((settings.assets_dir / "htmx.min.js").read_bytes()).hexdigest()
    path, _, version = address.partition("?v=")
    assert path == "/assets/htmx.min.js"
    assert digest.startswith(version)
    assert len(version) == 16


def test_a_folder_that_was_never_built_is_built_on_demand(settings: Settings) -> None:
    assert not settings.assets_dir.exists()
    assert (assets.directory() / "manifest.json").is_file()


def test_a_missing_htmx_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "HTMX", tmp_path / "none.js")
    with pytest.raises(FileNotFoundError, match="make setup"):
        assets.build(tmp_path / "site")
