"""The real files of the country: every sub-district, outline, school and prison, in less than two minutes."""

from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import func, select

from service.cli import main
from service.kernel.db import Database
from service.kernel.settings import ROOT
from service.parties import gazetteer
from service.parties.models import District, Organisation, Province, Subdistrict

DATA = ROOT.parent / "shared" / "data" / "thailand"
LIMIT_S = 120
FILES = (
    ("places", "admin/provinces.csv", "77 lines read: 0 added"),
    ("places", "admin/districts.csv", "928 lines read: 0 added"),
    ("places", "admin/subdistricts.csv", "7436 lines read: 0 added"),
    ("outlines", "admin/th_adm2_simplified.geojson", "928 lines read: 0 added, 928 changed, 0 as before, 0 refused"),
    ("institutions", "institutions/schools_wikipedia.csv", "35681 lines read: 35681 added"),
    ("institutions", "institutions/prisons.csv", "143 lines read: 143 added"),
)
KINDS = {"schools_wikipedia.csv": "school", "prisons.csv": "prison"}


def test_the_gazetteer_knows_every_place_and_adds_them_once(sqlite_database: Database) -> None:
    began = perf_counter()
    with sqlite_database.writing() as tx:
        first = gazetteer.seed(tx)
    with sqlite_database.writing() as tx:
        second = gazetteer.seed(tx)
    assert (first.provinces, first.districts, first.subdistricts) == (77, 928, 7436)
    assert (second.provinces, second.districts, second.subdistricts) == (0, 0, 0)
    assert perf_counter() - began < 30  # two seconds on an idle machine
    with sqlite_database.reading() as tx:
        seat = tx.get_one(District, "4501")
        assert (round(seat.lat, 1), round(seat.lng, 1)) == (16.1, 103.7)
        assert all(tx.scalars(select(model.approximate)).all() for model in (Province, District, Subdistrict))


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="THE REAL FILES ARE NOT HERE: ../shared/data/thailand is absent")
def test_every_subdistrict_and_every_school_is_loaded(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MARKET_DATABASE_URL", sqlite_database.url)
    began = perf_counter()
    assert main(["import", "places", "--lang", "en"]) == 0
    for what, name, summary in FILES:
        kind = KINDS.get(Path(name).name)
        assert main(["import", what, str(DATA / name), "--lang", "en", *(["--kind", kind] if kind else [])]) == 0
        assert summary in capsys.readouterr().out
    assert perf_counter() - began < LIMIT_S
    with sqlite_database.reading() as tx:
        counts = dict(tx.execute(select(Organisation.kind, func.count()).group_by(Organisation.kind)).all())
        unplaced = tx.scalar(select(func.count()).select_from(Organisation).where(Organisation.lat.is_(None)))
        exact = tx.scalar(select(func.count()).select_from(Subdistrict).where(Subdistrict.approximate.is_(False)))
    assert counts == {"school": 35681, "prison": 143}
    assert unplaced == 0
    assert exact == 7436 - 19  # the file itself gives 19 the centre of their district
