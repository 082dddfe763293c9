"""Contact data is stored encrypted, read as text, renewed under a new key, and encrypted where it already stood."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from cryptography.fernet import InvalidToken
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.orm import Session

from service.kernel import sealed
from service.kernel.db import Base
from service.kernel.ids import new_id
from service.kernel.secrecy import Vault, new_key
from service.kernel.settings import ROOT
from service.parties.models import Organisation
from tests.make import Maker
from tests.postgres import fresh_database

CONTACT = {"contact_name": "สมศรี ใจดี", "phone": "081 234 5678", "email": "somsri@example.org"}
RAW = text("SELECT contact_name, phone, email FROM organisations WHERE phone <> ''")


def stored(tx: Session) -> list[str]:
    return [value for row in tx.execute(RAW) for value in row]


def test_contact_data_is_encrypted_in_the_database_and_text_in_the_program(tx: Session, make: Maker) -> None:
    row = make.organisation(**CONTACT)
    bare = make.organisation()
    tx.expire_all()
    assert all(value.startswith(sealed.PREFIX) for value in stored(tx))
    assert (row.contact_name, row.phone, row.email) == tuple(CONTACT.values())
    assert bare.phone == ""
    assert {f"{table.name}.{column.name}" for table, column in sealed.sealed_columns(Base.metadata)} >= {
        "organisations.contact_name", "organisations.phone", "organisations.email",
    }  # fmt: skip


def test_contact_data_is_read_only_when_it_is_asked_for(tx: Session, make: Maker) -> None:
    row = make.organisation(**CONTACT)
    tx.expire_all()
    assert tx.get_one(Organisation, row.id).name_th
    assert {"contact_name", "phone", "email"} <= inspect(row).unloaded


def test_after_a_change_of_keys_everything_is_readable_and_renewed_needs_the_new_key_only(
    tx: Session, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = new_key(), new_key()
    vault = [Vault([old])]
    monkeypatch.setattr(sealed, "vault", lambda: vault[0])
    row = make.organisation(**CONTACT)
    vault[0] = Vault([new, old])
    tx.expire_all()
    assert row.phone == CONTACT["phone"]
    before = stored(tx)
    assert sealed.renew(tx, Base.metadata) >= 3
    assert not set(before) & set(stored(tx))
    vault[0] = Vault([new])
    tx.expire_all()
    assert row.email == CONTACT["email"]
    with pytest.raises(InvalidToken):
        Vault([old]).open(stored(tx)[0])
    vault[0] = Vault([old])
    tx.expire_all()
    with pytest.raises(sealed.KeyGone):
        assert row.phone


def test_what_stood_in_plain_is_read_and_sealed_by_renewal(tx: Session, make: Maker) -> None:
    row = make.organisation()
    tx.execute(text("UPDATE organisations SET phone = '02 111 2222' WHERE id = :id"), {"id": _bound(tx, row)})
    tx.expire_all()
    assert row.phone == "02 111 2222"
    sealed.renew(tx, Base.metadata)
    assert stored(tx)[1].startswith(sealed.PREFIX)
    tx.expire_all()
    assert row.phone == "02 111 2222"


def _bound(tx: Session, row: Organisation) -> object:
    return row.id if tx.get_bind().dialect.name == "postgresql" else row.id.hex


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_the_migration_encrypts_what_is_there_and_gives_it_back_on_the_way_down(engine: str, tmp_path: Path) -> None:
    if engine == "sqlite":
        up_and_down(f"sqlite:///{tmp_path / 'market.sqlite3'}")
    else:
        with fresh_database() as url:
            up_and_down(url)


def up_and_down(url: str) -> None:
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    command.upgrade(config, "8d3f5b1e6c20")
    command.downgrade(config, "-1")
    engine, key = create_engine(url), new_id()
    with engine.begin() as connection:
        names = (
            "id, kind, legal_form, scheme, registration_id, name_th, name_en, address, approximate, state, "
            "state_reason, member_households, heads, synthetic, source, created_at, version"
        )
        values = ":id, 'school', '', 'T', '1', 'x', 'x', '', true, 'qualified', '', 0, 0, false, '', :at, 1"
        insert = f"INSERT INTO organisations ({names}, contact_name, phone, email) VALUES ({values}, :c, :p, '')"
        given = {"id": key if "postgres" in url else key.hex, "at": "2026-01-01 00:00:00+00"}
        connection.execute(text(insert), given | {"c": CONTACT["contact_name"], "p": CONTACT["phone"]})
    command.upgrade(config, "8d3f5b1e6c20")
    with engine.connect() as connection:
        [row] = connection.execute(RAW)
        assert [sealed.opened(value) for value in row[:2]] == [CONTACT["contact_name"], CONTACT["phone"]]
        assert all(value.startswith(sealed.PREFIX) for value in row[:2])
        assert row[2] == ""
    command.downgrade(config, "-1")
    with engine.connect() as connection:
        assert [*connection.execute(RAW)] == [(CONTACT["contact_name"], CONTACT["phone"], "")]
    engine.dispose()
