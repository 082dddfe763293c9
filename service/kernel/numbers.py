"""Numbers as people in Thailand write them."""

import re

THAI_DIGITS = {ord("\u0e50") + number: str(number) for number in range(10)}
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def plain_number(text: str) -> str:
    """A number as people write it, as programs read it: Thai digits and grouping commas replaced."""
    plain = text.translate(THAI_DIGITS)
    return plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain
