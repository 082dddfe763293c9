"""The rule table: by value, method and day, how many inspect and who may not be among them.

A change of the law is a new row with its first day; the row before it gets its last. A purchase keeps the code of the
row that it was named under. `assumed` marks what was entered without the text of the law at hand: the pages say so.
"""

from dataclasses import dataclass
from datetime import date

from service.kernel.i18n import N_
from service.kernel.money import SATANG

ANY_METHOD = frozenset({"direct", "selective", "limited", "open"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: it holds for totals above `above_satang` by one of the methods, from a day until a day."""

    code: str
    valid_from: date
    valid_until: date | None
    methods: frozenset[str]
    above_satang: int
    least: int  # chair and members together
    before_approval: bool  # else the inspectors may be named until the first delivery
    head_may_sit: bool  # whether who may approve the purchase may inspect it
    author_may_sit: bool  # whether who wrote the demand may inspect it
    basis: str
    assumed: bool


RULES = (
    Rule(
        code="inspector-2560", valid_from=date(2017, 8, 23), valid_until=None, methods=ANY_METHOD, above_satang=0,
        least=1, before_approval=False, head_may_sit=False, author_may_sit=False, assumed=True,
        basis=N_("Up to 100,000 baht one person may inspect (Act B.E. 2560, section 100; ministerial regulation of "
                 "B.E. 2560)."),
    ),
    Rule(
        code="committee-2560", valid_from=date(2017, 8, 23), valid_until=None, methods=ANY_METHOD,
        above_satang=100_000 * SATANG, least=3, before_approval=True, head_may_sit=False, author_may_sit=False,
        assumed=True,
        basis=N_("A committee of a chair and at least two members (Ministry of Finance regulation on public "
                 "procurement B.E. 2560, clauses 25 and 26)."),
    ),
)  # fmt: skip
