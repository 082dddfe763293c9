"""What a group's answers come to before they are written: checked whole, in the numbers that will stand.

The page's confirmation shows this, and the use case writes it: one check for both.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, must_match
from service.listings.models import Offer
from service.orders import known, rules
from service.orders.schemas import AnswerIn, LineAnswerIn
from service.orders.vocabulary import Answer, DeclineReason
from service.parties.models import Organisation
from service.parties.permissions import require
from service.parties.rules import must_be_qualified
from service.rounds.models import Award, AwardLine, Round


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer to a line that is ready to be written."""

    line: AwardLine
    answer: Answer
    quantity: int
    reason: DeclineReason | None
    note: str

    @property
    def satang(self) -> int:
        """What the buyer will pay for it."""
        return self.quantity * self.line.price_satang


@dataclass(frozen=True, slots=True)
class Weighed:
    """An award, locked, and the decisions about its lines."""

    award: Award
    round: Round
    decisions: list[Decision]

    @property
    def satang(self) -> int:
        """What the buyer will pay for all of them."""
        return sum(decision.satang for decision in self.decisions)


def weigh(
    tx: Session, *, by: Actor, award_id: UUID, version: int, draft: AnswerIn, right: str = "award.answer"
) -> Weighed:
    """Check answers to an award of the version that was read, by who may give or write them; nothing is written."""
    award = known.locked_award(tx, by=by, award_id=award_id)
    supplier = tx.get_one(Organisation, award.supplier_id)
    require(by, right, organisation_id=supplier.id, province=supplier.province_code)
    round_ = tx.get_one(Round, award.round_id)
    rules.must_be_answerable(award.state, round_.state)
    rules.must_be_in_time(award.respond_by, now())  # before the version: expiry changes it, and late is what it is
    must_match(award.version, version)
    if any(given.answer != Answer.DECLINED for given in draft.lines):
        must_be_qualified(supplier)  # a group that was suspended meanwhile may only decline
    return Weighed(award, round_, _decisions(award, draft, packs(tx, award.lines)))


def packs(tx: Session, lines: list[AwardLine]) -> dict[UUID, int]:
    """Pack quantities by offer."""
    rows = select(Offer.id, Offer.pack_quantity).where(Offer.id.in_({line.offer_id for line in lines}))
    return dict(tx.execute(rows).all())


def _decisions(award: Award, draft: AnswerIn, packs_of: dict[UUID, int]) -> list[Decision]:
    lines = {line.id: line for line in award.lines}
    errors = [
        FieldError(f"/lines/{place}/award_line_id", N_("This award has no such line."))
        for place, given in enumerate(draft.lines)
        if given.award_line_id not in lines
    ]
    if errors:
        raise InvalidInput(errors=tuple(errors))
    for given in draft.lines:
        rules.must_be_unanswered(lines[given.award_line_id])
    return _measured([(given, lines[given.award_line_id]) for given in draft.lines], packs_of)


def _measured(answers: list[tuple[LineAnswerIn, AwardLine]], packs_of: dict[UUID, int]) -> list[Decision]:
    decisions, errors = [], []
    for place, (given, line) in enumerate(answers):
        pack = packs_of[line.offer_id]
        quantity = rules.taken(line.quantity, pack, given.answer, given.quantity)
        if not quantity and given.answer != Answer.DECLINED:
            errors.append(rules.part_error(f"/lines/{place}/quantity", line.quantity, pack))
        decisions.append(Decision(line, given.answer, quantity, given.reason, given.note))
    if errors:
        raise InvalidInput(errors=tuple(errors))
    return decisions
