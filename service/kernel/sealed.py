"""A column whose texts are stored encrypted: contact data and all else that a stolen database must not tell.

    phone: Mapped[str] = mapped_column(Sealed, default="", deferred=True, deferred_group="contact")

Reading and writing the attribute works as with any text; the keys are those of `secrecy.py`. The column cannot be
searched or sorted by. The empty text stays empty. `renew` writes every such column anew under the newest key.
"""

from collections.abc import Iterator

from cryptography.fernet import InvalidToken
from sqlalchemy import Column, Dialect, MetaData, Table, Text, TypeDecorator, bindparam, select, type_coerce, update
from sqlalchemy.orm import Session

from service.kernel.secrecy import vault

PREFIX = "gAAAA"  # what every Fernet token begins with: its version and the high bytes of a time of this age


class KeyGone(Exception):
    """A stored text that none of this process's keys opens: `MARKET_SECRET_KEYS` lacks the key that wrote it."""


class Sealed(TypeDecorator[str]):
    """Text, encrypted with the newest key when it is stored."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal what is stored."""
        del dialect
        return vault().seal(value) if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Open what is read."""
        del dialect
        return opened(value) if value else value


def opened(stored: str) -> str:
    """The text of a stored value; one that was stored before the column was sealed is its own text."""
    if not stored.startswith(PREFIX):
        return stored
    try:
        return vault().open(stored)
    except InvalidToken as error:
        raise KeyGone from error


def sealed_columns(metadata: MetaData) -> Iterator[tuple[Table, Column[str]]]:
    """Every sealed column of the market."""
    for table in metadata.sorted_tables:
        yield from ((table, column) for column in table.columns if isinstance(column.type, Sealed))


def renew(tx: Session, metadata: MetaData) -> int:
    """Write every sealed text anew under the newest key, also what was stored in plain; give their number."""
    return sum(_renew(tx, table, column) for table, column in sealed_columns(metadata))


def _renew(tx: Session, table: Table, column: Column[str]) -> int:
    [key] = table.primary_key.columns
    rows = tx.execute(select(key, type_coerce(column, Text)).where(type_coerce(column, Text) != "")).all()
    if rows:
        renewed = [{"b_key": row[0], "b_text": opened(row[1])} for row in rows]
        change = (
            update(table).where(key == bindparam("b_key")).values({column.name: bindparam("b_text", type_=Sealed())})
        )
        tx.connection().execute(change, renewed)
    return len(rows)
