"""What the log keeps the hash of: an award as it was published, and the stored files of a run.

The texts themselves stay out of the log: they hold prices. Their hashes bind them to it for ever, and line ids, which
nobody else knows, keep anybody from guessing a price by trying them all.
"""

from collections.abc import Mapping
from hashlib import sha256

from service.events.rules import canonical
from service.rounds.models import Award, Scenario


def text(award: Award) -> str:
    """An award with its lines as they were published, as canonical JSON; answers are not part of it."""
    lines = [
        {
            "id": str(line.id), "demand_line": str(line.demand_line_id), "offer": str(line.offer_id),
            "product": line.product_code, "delivery_date": line.delivery_date.isoformat(), "quantity": line.quantity,
            "price_satang": line.price_satang,
        }
        for line in sorted(award.lines, key=lambda line: str(line.id))
    ]  # fmt: skip
    sides = {"buyer": str(award.buyer_id), "supplier": str(award.supplier_id), "demand": str(award.demand_id)}
    return canonical(
        {"id": str(award.id), "round": str(award.round_id), "run": str(award.run_id), "lines": lines} | sides
    )


def digest(award: Award) -> str:
    """The hash of an award's text."""
    return sha256(text(award).encode()).hexdigest()


def files(stored: Mapping[str, Scenario]) -> dict[str, dict[str, str]]:
    """The hashes of each scenario's files, byte for byte."""
    return {
        name: {"instance": sha256(one.instance).hexdigest(), "result": sha256(one.result).hexdigest()}
        for name, one in sorted(stored.items())
    }
