"""Finding products by any of their names, also misspelt: stored keys and pairs of letters, alike on both databases.

A key is a name without case, spaces and tone marks; its sound is the key with the letters that Thai speakers take for
each other written as one (the three s, the two n, l and r, long and short vowels). What holds the words comes first;
only where nothing does, what sounds the same, then what shares most pairs of letters. Keys follow every flush that
touches a product or an alias, so that no way to a product forgets them; bulk writers call `index`.
"""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Select, case, delete, event, func, insert, select
from sqlalchemy.orm import Session

from service.catalog import rules
from service.catalog.models import Product, ProductAlias, ProductGram, ProductKey
from service.kernel.ids import new_id

MOST = 200
_CANDIDATES = 60  # keys that share most pairs: more are not worth measuring
_CLOSE = 0.72  # one wrong letter in four still finds the product, another word does not
_COVERED = 0.75  # of the pairs of letters, where the words are a part of the name
_BEYOND = "\U0010ffff"  # after every letter: the end of a range of keys that begin alike
_ALIKE = (
    "\u0e04\u0e02\u0e03\u0e05\u0e06",  # kh
    "\u0e0a\u0e09\u0e0c",  # ch
    "\u0e2a\u0e0b\u0e28\u0e29",  # s
    "\u0e17\u0e10\u0e11\u0e12\u0e16\u0e18",  # th
    "\u0e14\u0e0e",  # d
    "\u0e15\u0e0f",  # t
    "\u0e19\u0e13",  # n
    "\u0e1e\u0e1c\u0e20",  # ph
    "\u0e1f\u0e1d",  # f
    "\u0e22\u0e0d",  # y
    "\u0e25\u0e23\u0e2c",  # l, r
    "\u0e2b\u0e2e",  # h
    "\u0e44\u0e43",  # ai
    "\u0e34\u0e35",  # i
    "\u0e36\u0e37",  # ue
    "\u0e38\u0e39",  # u
)
_FOLD = str.maketrans({sign: group[0] for group in _ALIKE for sign in group[1:]})


def sound(key: str) -> str:
    """A key as it sounds: letters that are taken for each other are one, doubled ones are single."""
    folded = key.translate(_FOLD)
    return folded[:1] + "".join(after for before, after in pairwise(folded) if before != after)


def grams(heard: str) -> set[str]:
    """The pairs of letters of a sound, with its beginning marked."""
    return {"".join(pair) for pair in pairwise(f"^{heard}")}


def codes(tx: Session, words: str, *, family: str | None = None, active: bool | None = True) -> list[str]:
    """The codes of the products that the words mean, the best first."""
    key = rules.plain(words)[:160]
    if not key:
        return []
    chosen = _chosen(family, active)
    return _holding(tx, key, chosen) or _sounding(tx, sound(key), chosen) or _resembling(tx, sound(key), chosen)


def exact(tx: Session, texts: Iterable[str], *, active: bool | None = True) -> dict[str, list[str]]:
    """By text, the codes of the products of which it is a whole name; texts that name none are left out."""
    keys = {text: rules.plain(text)[:160] for text in texts}
    query = select(ProductKey.plain, ProductKey.product_code).where(ProductKey.plain.in_(sorted(set(keys.values()))))
    found: dict[str, set[str]] = {}
    for key, code in tx.execute(query.where(ProductKey.product_code.in_(_chosen(None, active)))):
        found.setdefault(key, set()).add(code)
    return {text: sorted(found[key]) for text, key in keys.items() if key in found}


def beginning(tx: Session, text: str, most: int) -> list[str]:
    """The codes of some active products with a name that begins with the text: the quick way of a long list."""
    key = rules.plain(text)[:160]
    if not key:
        return []
    query = select(ProductKey.product_code).join(Product, Product.code == ProductKey.product_code)
    query = query.where(ProductKey.plain >= key, ProductKey.plain < key + _BEYOND, Product.active)
    return list(dict.fromkeys(tx.scalars(query.order_by(ProductKey.plain).limit(most))))


def _chosen(family: str | None, active: bool | None) -> Select[Any]:  # noqa: FBT001 - a filter: yes, no, either
    query = select(Product.code)
    if family is not None:
        query = query.where(Product.family == family)
    return query if active is None else query.where(Product.active == active)


def _holding(tx: Session, key: str, chosen: Select[Any]) -> list[str]:
    """Names that are the words, begin with them, or hold them, in this order."""
    begins = (ProductKey.plain >= key) & (ProductKey.plain < key + _BEYOND)
    rank = func.min(case((ProductKey.plain == key, 0), (begins, 1), else_=2))
    query = select(ProductKey.product_code).where(ProductKey.plain.contains(key, autoescape=True))
    query = query.where(ProductKey.product_code.in_(chosen)).group_by(ProductKey.product_code)
    return list(tx.scalars(query.order_by(rank, ProductKey.product_code).limit(MOST)))


def _sounding(tx: Session, heard: str, chosen: Select[Any]) -> list[str]:
    if len(heard) < 2:
        return []
    query = select(ProductKey.product_code).where(ProductKey.sound >= heard, ProductKey.sound < heard + _BEYOND)
    query = query.where(ProductKey.product_code.in_(chosen)).group_by(ProductKey.product_code)
    return list(tx.scalars(query.order_by(func.min(ProductKey.sound), ProductKey.product_code).limit(MOST)))


def _resembling(tx: Session, heard: str, chosen: Select[Any]) -> list[str]:
    """Names that share most of the words' pairs of letters, measured one by one."""
    if len(heard) < 3:
        return []
    wanted = grams(heard)
    shared = func.count().label("shared")
    most = (
        select(ProductGram.key_id)
        .where(ProductGram.gram.in_(wanted))
        .group_by(ProductGram.key_id)
        .having(shared * 3 >= len(wanted))
        .order_by(shared.desc(), ProductGram.key_id)
        .limit(_CANDIDATES)
    )
    query = select(ProductKey.product_code, ProductKey.sound).where(ProductKey.id.in_(most))
    best: dict[str, float] = {}
    for code, name in tx.execute(query.where(ProductKey.product_code.in_(chosen))):
        best[code] = max(best.get(code, 0.0), _likeness(heard, wanted, name))
    return [code for code, mark in sorted(best.items(), key=lambda pair: (-pair[1], pair[0])) if mark >= _CLOSE]


def _likeness(heard: str, wanted: set[str], name: str) -> float:
    covered = len(wanted & grams(name)) / len(wanted)
    whole = SequenceMatcher(None, heard, name).ratio()
    return max(whole, covered if covered >= _COVERED else 0.0)


def index(connection: Connection, product_codes: Iterable[str] | None = None) -> None:
    """Write the keys of some products, or of all, anew."""
    only = None if product_codes is None else sorted(set(product_codes))
    gone = delete(ProductKey) if only is None else delete(ProductKey).where(ProductKey.product_code.in_(only))
    connection.execute(gone)
    keys, pairs = list[dict[str, Any]](), list[dict[str, Any]]()
    for code, name in _names(connection, only):
        key_id, heard = new_id(), sound(name)
        keys.append({"id": key_id, "product_code": code, "plain": name, "sound": heard})
        pairs += ({"gram": gram, "key_id": key_id} for gram in sorted(grams(heard)))
    if keys:
        connection.execute(insert(ProductKey), keys)
        connection.execute(insert(ProductGram), pairs)


def _names(connection: Connection, only: list[str] | None) -> Iterator[tuple[str, str]]:
    """Every name of the products as a key, each once."""
    own = select(Product.code, Product.name_th, Product.name_en)
    others = select(ProductAlias.product_code, ProductAlias.name)
    if only is not None:
        own, others = own.where(Product.code.in_(only)), others.where(ProductAlias.product_code.in_(only))
    found = {(code, rules.plain(name)[:160]) for code, *names in connection.execute(own) for name in (code, *names)}
    found |= {(code, rules.plain(name)[:160]) for code, name in connection.execute(others)}
    return (pair for pair in sorted(found) if pair[1])


@event.listens_for(Session, "after_flush")
def _follow(session: Session, context: Any) -> None:
    """Keys follow what a flush has written; products that are gone take theirs along."""
    del context
    touched = {row.code for row in (*session.new, *session.dirty) if isinstance(row, Product)}
    touched |= {
        row.product_code for row in (*session.new, *session.dirty, *session.deleted) if isinstance(row, ProductAlias)
    }
    if touched:
        index(session.connection(), touched)
