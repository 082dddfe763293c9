"""No number of a person stands anywhere: not in the database's files, not in logs, not in events, not in answers."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from service import demo
from service.demo.scene import Size
from service.events.models import Event
from service.households import queries
from service.households.models import Household, Roster, RosterLine
from service.households.pseudonyms import Ring
from service.households.rules import check_digit
from service.kernel import logs
from service.kernel.db import Base, Database
from service.kernel.settings import Settings
from service.parties.models import Organisation, SocialShare
from service.parties.vocabulary import SUPPLIERS
from tests.households.roster import NUMBERS, started
from tests.make import Caller, making

THIRTEEN = re.compile(r"(?<![\w-])[1-9]\d{12}(?![\w-])")
SMALL = Size(buyers=12, suppliers=20, lines_per_buyer=4)


def numbers_in(text: str) -> list[str]:
    """Thirteen digits that stand alone and whose last one fits: a number of a person, if ever there was one."""
    return [found for found in THIRTEEN.findall(text) if check_digit(found[:-1]) == found[-1]]


def files_of(database: Database) -> list[Path]:
    """The database's file and what SQLite keeps beside it."""
    path = Path(database.url.removeprefix("sqlite:///"))
    return sorted(path.parent.glob(f"{path.name}*"))


def test_the_search_would_find_a_number() -> None:
    assert numbers_in(f"x {NUMBERS[0]};") == [NUMBERS[0]]
    assert not numbers_in(f"018f2c1a-0000-7000-8000-{NUMBERS[0][:12]} {NUMBERS[0][:12]}x")


def test_the_demonstration_keeps_rosters_that_make_its_shares_and_no_numbers(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, marked = list[str](), Ring.chain

    def chain(ring: Ring, number: str) -> list[str]:
        drawn.append(number)
        return marked(ring, number)

    monkeypatch.setattr(Ring, "chain", chain)
    assert demo.load(sqlite_database, SMALL)
    with sqlite_database.reading() as tx:
        states = dict(tx.execute(select(Roster.state, func.count()).group_by(Roster.state)).all())
        assert states["draft"] == 2
        assert states["submitted"] >= 2
        assert states["attested"] >= 10
        for roster in tx.scalars(select(Roster).where(Roster.state == "attested")):
            made = _shares(tx, roster)
            rows = select(SocialShare).where(SocialShare.organisation_id == roster.organisation_id)
            told = {row.measure: row.attested_bp for row in tx.scalars(rows) if row.measure.startswith("labour")}
            assert made == told
        assert not tx.scalars(select(RosterLine).where(RosterLine.labour_days < 0)).all()
        figures = queries.figures(tx)
        assert [place.code for place in figures.provinces] == ["45", "52"]
        assert figures.table.at("total", "total")
        suppliers = tx.scalars(select(Organisation.id).where(Organisation.kind.in_(SUPPLIERS))).all()
        assert set(tx.scalars(select(Roster.organisation_id))) <= set(suppliers)
        for table in Base.metadata.sorted_tables:
            assert not [row for row in tx.execute(select(table)) if numbers_in(" ".join(map(str, row)))], table.name
    assert len(drawn) > 100
    for path in files_of(sqlite_database):
        data = path.read_bytes()
        assert not [number for number in drawn if number.encode() in data], path.name


def _shares(tx: Any, roster: Roster) -> dict[str, int]:
    lines = tx.execute(select(RosterLine.tier, func.sum(RosterLine.labour_days)).where(
        RosterLine.roster_id == roster.id).group_by(RosterLine.tier)).all()  # fmt: skip
    whole = sum(days for _, days in lines) + roster.other_days
    return {f"labour_tier_{tier}": 10_000 * dict(lines).get(tier, 0) // whole for tier in (1, 2, 3, 4)}


def test_what_comes_in_by_page_and_by_program_leaves_no_number_behind(
    client: TestClient,
    sqlite_database: Database,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers)  # given back afterwards, with the level
    monkeypatch.setattr(root, "level", root.level)
    logs.configure(Settings(log_json=True))
    with making(client) as make:
        made = started(make)
        person = make.person(made.group, "supplier_manager")
    caller, path = Caller(client, person), f"/rosters/{made.roster.id}"
    said = [caller.post(f"{path}/members", {"citizen_id": NUMBERS[0], "labour_days": 3}, key="once-1").text]
    said += [caller.post(f"{path}/sheet", {"csv": f"citizen_id,labour_days\n{NUMBERS[1]},x\n"}, key="once-2").text]
    said += [caller.post(f"{path}/sheet", {"csv": f"citizen_id,labour_days\n{NUMBERS[2]},4\n"}, key="once-3").text]
    said += [caller.post(f"{path}/members", {"citizen_id": [NUMBERS[3]], "labour_days": NUMBERS[3]}).text]
    client.cookies.set("session", caller.headers["Authorization"].removeprefix("Bearer "))
    wrong = {"citizen_id": NUMBERS[4], "labour_days": "many", "_key": "once-4"}
    said += [client.post(f"{path}/members", data=wrong).text]
    sheet = f"citizen_id,labour_days\n{NUMBERS[5]},5\n{NUMBERS[5]},5\n".encode()
    said += [client.post(f"{path}/sheet", files={"sheet": (f"{NUMBERS[6]}.csv", sheet)}).text]
    good = sheet[: sheet.rindex(NUMBERS[5].encode())]
    assert client.post(f"{path}/sheet", files={"sheet": ("members.csv", good)}).status_code == 303
    said += [client.get(path).text]
    for text in said:
        assert not any(number in text for number in NUMBERS)
    with sqlite_database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(Household)) == 3
        assert not any(number in str(row.__dict__) for row in tx.scalars(select(Event)) for number in NUMBERS)
    for path_ in files_of(sqlite_database):
        assert not any(number.encode() in path_.read_bytes() for number in NUMBERS), path_.name
    written = capfd.readouterr()
    assert "request" in written.err + written.out
    assert not any(number in written.err + written.out for number in NUMBERS)
