"""Ids taken out of a text: a random one may hold any digits, a sealed price's among them."""

import re

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def without_ids(told: object) -> str:
    """The text of what was told, without its ids."""
    return ID.sub("", str(told))
