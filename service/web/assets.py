"""Page assets that are not ours: htmx and the page font, built at set-up into a folder, never committed.

`make setup` runs this module. A service whose folder is empty builds it at its start. The app mounts
`directory()` at `/assets` and may cache for ever, since `url` carries the content's hash.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import fontpkg_sarabun

from service.kernel.settings import settings

HTMX = Path(sys.prefix) / "assets" / "django_htmx" / "static" / "django_htmx" / "htmx-2.min.js"
FONTS = {"sarabun-regular.woff2": "Sarabun-Regular.ttf", "sarabun-bold.woff2": "Sarabun-Bold.ttf"}
# Basic Latin, Latin-1 punctuation, multiply and divide, Thai (with the baht sign), dashes, quotes, ellipsis, euro,
# arrow, minus, comparison signs, check mark (left out where the font has none).
UNICODES = (
    "U+0020-007E,U+00A0-00BF,U+00D7,U+00F7,U+0E01-0E3A,U+0E3F-0E5B,U+2013-2014,U+2018-2019,U+201C-201D,U+2022,"
    "U+2026,U+20AC,U+2192,U+2212,U+2264-2265,U+2713"
)
MANIFEST = "manifest.json"


def build(target: Path) -> None:
    """Make the folder anew; the manifest comes last, so a folder that has one is whole."""
    if not HTMX.is_file():
        msg = f"{HTMX} is missing: run `make setup`, which installs requirements-assets.lock there"
        raise FileNotFoundError(msg)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".assets-") as draft_name:
        draft = Path(draft_name)
        shutil.copyfile(HTMX, draft / "htmx.min.js")
        shutil.copyfile(fontpkg_sarabun.ROOT / "LICENSE", draft / "sarabun-license.txt")
        _subset_fonts(draft)
        hashes = {path.name: sha256(path.read_bytes()).hexdigest()[:16] for path in sorted(draft.iterdir())}
        (draft / MANIFEST).write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")
        for name in (*hashes, MANIFEST):
            (draft / name).replace(target / name)


def _subset_fonts(folder: Path) -> None:
    # Children side by side: quick, and the service's own processes never load the font compiler.
    children = [subprocess.Popen(_subset_command(folder / name, source)) for name, source in FONTS.items()]
    codes = [child.wait() for child in children]
    if any(codes):
        msg = "the page fonts could not be subset"
        raise RuntimeError(msg)


def _subset_command(output: Path, source: str) -> list[str]:
    font = fontpkg_sarabun.ROOT / "files" / source
    options = [f"--unicodes={UNICODES}", "--flavor=woff2", f"--output-file={output}"]
    return [sys.executable, "-m", "fontTools.subset", str(font), *options]


def directory() -> Path:
    """The folder to mount at `/assets`; built now if it never was."""
    target = settings().assets_dir
    if not (target / MANIFEST).is_file():
        build(target)
    return target


def url(name: str) -> str:
    """Address of an asset, with its content's hash: a changed file has a new address."""
    return f"/assets/{name}?v={_hashes(directory())[name]}"


@lru_cache
def _hashes(folder: Path) -> dict[str, str]:
    hashes: dict[str, str] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return hashes


if __name__ == "__main__":
    build(settings().assets_dir)
