"""What kitchens of the district buy together and this kitchen has to do about it, as steps of its first page."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.i18n import N_
from service.pools import queries as pools

WORDS = (
    ("closed", N_("Agreed together: make your draft"), N_("Your quantities, your budget, your contract."),
     N_("Make the draft")),
    ("due", N_("Buying together: to be closed"), N_("Nobody may join any more."), N_("Close it")),
    ("open", N_("Kitchens of your district buy together"), N_("Join with your own quantities and budget."),
     N_("Look and join")),
)  # fmt: skip


def todo(tx: Session, by: Actor) -> Iterator[tuple[Any, ...]]:
    """Drafts to make, pools to close, pools of neighbours to join: the facts of a step each."""
    waiting = pools.waiting(tx, by=by)
    for standing, title, text, action in WORDS:
        for view in waiting[standing]:
            due = view.pool.join_by if standing == "open" else None
            yield f"/pools/{view.pool.id}", title, text, action, view.kitchens, due, standing != "open"
