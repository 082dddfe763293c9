"""The closed lists of the floor: states, procurement methods (OCDS words), common legal grounds, their labels."""

from enum import StrEnum

from service.kernel.i18n import LANGUAGES, N_, gettext, speaking


class State(StrEnum):
    """Where a demand stands; a draft is known to its buyer alone."""

    DRAFT = "draft"
    PLANNED = "planned"
    ACTIVE = "active"
    EVALUATION = "evaluation"
    COMPLETE = "complete"
    UNSUCCESSFUL = "unsuccessful"
    CANCELLED = "cancelled"


class Method(StrEnum):
    """How the law lets the buyer buy, in OCDS's words."""

    DIRECT = "direct"
    SELECTIVE = "selective"
    LIMITED = "limited"
    OPEN = "open"


class ChangeCode(StrEnum):
    """Why an approved demand is changed or cancelled."""

    HEADS = "heads"
    MENU = "menu"
    CLOSED = "closed"
    BUDGET = "budget"
    MISTAKE = "mistake"
    OTHER = "other"


SMALL_VALUE = N_(
    "Public Procurement and Supplies Management Act B.E. 2560, section 56 (2) (kho): specific method, small value"
)
GROUNDS = (
    N_("Ministerial Regulation on supplies that the State promotes or supports B.E. 2563: farm and community products"),
    SMALL_VALUE,
    N_("Public Procurement and Supplies Management Act B.E. 2560, section 56 (1): selection method"),
    N_("Public Procurement and Supplies Management Act B.E. 2560, section 55 (1): general invitation"),
    N_("Guidelines for the school lunch programme under the Public Procurement and Supplies Management Act B.E. 2560"),
    N_("Private buyer: public procurement law does not apply"),
)
LABELS = {
    "demand_state.draft": N_("Draft"),
    "demand_state.planned": N_("Approved, waiting for a round"),
    "demand_state.active": N_("In the open round"),
    "demand_state.evaluation": N_("Being allocated"),
    "demand_state.complete": N_("Complete"),
    "demand_state.unsuccessful": N_("Unsuccessful"),
    "demand_state.cancelled": N_("Cancelled"),
    "method.direct": N_("Specific method (direct)"),
    "method.selective": N_("Selection among qualified groups"),
    "method.limited": N_("Limited invitation"),
    "method.open": N_("General invitation (open)"),
    "demand.drafted": N_("Draft written"),
    "demand.edited": N_("Draft changed"),
    "demand.committee_named": N_("Inspection committee named"),
    "demand.approved": N_("Total approved, budget reserved"),
    "demand.reopened": N_("Back to draft, budget freed"),
    "demand.activated": N_("Taken up by a round"),
    "demand.put_back": N_("Given back by the round"),
    "demand.evaluated": N_("Offers closed, allocation begun"),
    "demand.completed": N_("Completed"),
    "demand.failed": N_("Nothing was awarded, budget freed"),
    "demand.joined": N_("Agreed on with other kitchens of the district"),
    "demand.amended": N_("Quantities changed"),
    "demand.amendment_proposed": N_("Higher quantities proposed"),
    "demand.amendment_refused": N_("Higher quantities refused"),
    "change.heads": N_("Other number of people to feed"),
    "change.menu": N_("The menu changed"),
    "change.closed": N_("The kitchen is closed"),
    "change.budget": N_("The money was cut or moved"),
    "change.mistake": N_("It was entered wrongly"),
    "change.other": N_("Another reason"),
    "demand.cancelled": N_("Cancelled, budget freed"),
}


def known_ground(text: str) -> str:
    """The message id of a common ground that was written in any language; other text stays as it is."""
    for code in LANGUAGES:
        with speaking(code):
            for ground in GROUNDS:
                if text == gettext(ground):
                    return ground
    return text
