"""Pseudonyms: keyed, stable over rotations, under keys that stand outside the database."""

import stat
from argparse import Namespace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.households import cli, pseudonyms, rekeying, rules
from service.households.models import Household
from service.households.pseudonyms import Ring, ring
from service.households.schemas import MemberIn
from service.kernel.db import Database
from service.kernel.settings import Settings
from tests.households.roster import NUMBERS, entered, started
from tests.make import Maker, making

KEYS = [bytes([n]) * 32 for n in (1, 2, 3)]


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key file of the test's own."""
    path = tmp_path / "keys" / "pseudonym.keys"
    chosen = Settings(pseudonym_key_file=path)
    monkeypatch.setattr(pseudonyms, "settings", lambda: chosen)
    return path


def test_a_pseudonym_is_a_keyed_hash_that_tells_nothing_without_its_key() -> None:
    first = Ring(KEYS[:1]).chain(NUMBERS[0])
    assert first == Ring(KEYS[:1]).chain(NUMBERS[0])
    assert len(first[0]) == 64
    assert NUMBERS[0] not in first[0]
    assert Ring(KEYS[1:2]).chain(NUMBERS[0]) != first
    assert len({Ring(KEYS[:1]).chain(number)[0] for number in NUMBERS}) == len(NUMBERS)


def test_what_is_carried_forward_is_what_the_number_gives_under_the_newer_keys() -> None:
    one, two, three = (Ring(KEYS[:n]) for n in (1, 2, 3))
    stored = one.chain(NUMBERS[0])[-1]
    assert two.renewed(stored, one.newest) == two.chain(NUMBERS[0])[-1]
    assert three.renewed(stored, one.newest) == three.chain(NUMBERS[0])[-1]
    assert three.renewed(two.chain(NUMBERS[0])[-1], two.newest) == three.chain(NUMBERS[0])[-1]
    assert three.chain(NUMBERS[0])[:2] == two.chain(NUMBERS[0])
    assert len(set(three.ids)) == 3
    with pytest.raises(rules.PseudonymKeyMissing):
        two.renewed(stored, three.newest)


def test_one_machine_makes_its_key_at_first_need_for_its_owner_only(key_file: Path) -> None:
    made = ring()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert ring().ids == made.ids
    pseudonyms.write(key_file, [pseudonyms.new_key()], fresh=True)  # another process that came second
    assert ring().ids == made.ids
    assert pseudonyms.add_key() != made.newest
    assert ring().ids[:-1] == made.ids
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == [key_file.name]


@pytest.mark.parametrize("content", ["", "not base64 at all!", "c2hvcnQ="])
def test_a_file_that_is_no_key_file_is_refused_and_never_replaced(key_file: Path, content: str) -> None:
    key_file.parent.mkdir()
    key_file.write_text(content)
    with pytest.raises(rules.PseudonymKeyMissing):
        ring()
    assert key_file.read_text() == content


def test_many_machines_do_not_make_keys_of_their_own(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = Settings(database_url="postgresql+psycopg://somewhere/market", pseudonym_key_file=key_file)
    monkeypatch.setattr(pseudonyms, "settings", lambda: chosen)
    with pytest.raises(rules.PseudonymKeyMissing):
        ring()
    assert not key_file.exists()


def test_households_are_the_same_ones_after_a_change_of_keys(tx: Session, make: Maker) -> None:
    first = started(make)
    entered(tx, first, NUMBERS[:3])
    before = {row.id: row.pseudonym for row in tx.scalars(select(Household))}
    pseudonyms.add_key()
    entered(tx, first, NUMBERS[2:5])  # before the stored ones are carried forward: the third is known under its old key
    assert len(tx.scalars(select(Household.id)).all()) == 5
    assert rekeying.rekey(tx) == 3
    tx.expire_all()
    after = {row.id: row for row in tx.scalars(select(Household))}
    assert all(after[key].pseudonym != pseudonym for key, pseudonym in before.items())
    assert {row.key_id for row in after.values()} == {ring().newest}
    assert {row.pseudonym for row in after.values()} == {ring().chain(number)[-1] for number in NUMBERS[:5]}
    entered(tx, first, NUMBERS[:5])  # and they are recognised
    assert len(tx.scalars(select(Household.id)).all()) == 5
    assert rekeying.rekey(tx) == 0


def test_with_a_lost_key_nothing_is_entered(tx: Session, make: Maker, key_file: Path) -> None:
    first = started(make)
    entered(tx, first, NUMBERS[:1])
    key_file.unlink()
    with pytest.raises(rules.PseudonymKeyMissing):
        entered(tx, first, NUMBERS[:1])
    with pytest.raises(rules.PseudonymKeyMissing):
        rekeying.rekey(tx)


def test_the_verb_adds_a_key_carries_forward_and_says_where_pseudonyms_stand(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with making(sqlite_database) as make:
        entered(make.tx, started(make), NUMBERS[:2])

    def verb(step: str) -> str:
        assert cli.run(Namespace(step=step), sqlite_database.url) == 0
        return capsys.readouterr().out

    assert "2 pseudonyms, newest" in verb("keys")
    assert "added" in verb("new-key")
    assert verb("rekey").startswith("2 pseudonyms")
    first, second = verb("keys").splitlines()
    assert "0 pseudonyms" in first
    assert "2 pseudonyms, newest" in second


def test_a_number_is_thirteen_digits_with_its_check_digit() -> None:
    number = NUMBERS[0]
    spoken = f"{number[0]}-{number[1:5]} {number[5:10]}-{number[10:12]}-{number[12]}"
    thai = "".join(chr(0x0E50 + int(digit)) for digit in number)
    assert rules.citizen_id(spoken) == rules.citizen_id(thai) == number
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    for text in (wrong, number[:-1], number + "1", "", "abc", number.replace(number[0], "x")):
        with pytest.raises(ValueError, match="13-digit") as refused:
            rules.citizen_id(text)
        assert not text or text not in str(refused.value)
    assert number not in repr(MemberIn(citizen_id=number, labour_days=1))  # type: ignore[arg-type]
