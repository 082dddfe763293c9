"""Money: whole satang everywhere (100 satang = 1 baht); baht only as text for people."""

import re

SATANG = 100
_WHOLE = re.compile(r"\d+|\d{1,3}(,\d{3})+")  # 22,50 is no amount: it would be read as 2,250
MAX_SATANG = 10**13  # a hundred billion baht: above every public kitchen's budget, below 2**53


def baht_text(satang: int) -> str:
    """Write satang as baht with two decimals and thousands separators, e.g. ``1,234.50``."""
    sign = "-" if satang < 0 else ""
    whole, rest = divmod(abs(satang), SATANG)
    return f"{sign}{whole:,}.{rest:02d}"


def parse_baht(text: str) -> int:
    """Read baht with at most two decimals as satang; ValueError when it is not such an amount."""
    whole, _, rest = text.strip().partition(".")
    if not _WHOLE.fullmatch(whole) or len(rest) > 2 or (rest and not rest.isdecimal()):
        raise ValueError(text)
    amount = int(whole.replace(",", "")) * SATANG + int((rest + "00")[:2])
    if amount > MAX_SATANG:
        raise ValueError(text)
    return amount
