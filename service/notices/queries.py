"""Reads of notices: a person's own, what was told already, and the log of deliveries."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.notices.models import Notice

_TOGETHER = 500


def told(tx: Session, keys: Collection[str]) -> set[str]:
    """Those of the keys under which somebody was told already."""
    asked, found = sorted(keys), set[str]()
    for start in range(0, len(asked), _TOGETHER):
        found |= set(tx.scalars(select(Notice.key).where(Notice.key.in_(asked[start : start + _TOGETHER])).distinct()))
    return found
