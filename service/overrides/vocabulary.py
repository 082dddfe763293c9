"""The closed words of overrides, with labels."""

from enum import StrEnum

from service.kernel.i18n import N_


class OverrideReason(StrEnum):
    """Why a person decides against the solver."""

    CANNOT_DELIVER = "cannot_deliver"
    QUALITY = "quality"
    FOOD_SAFETY = "food_safety"
    RECORD_WRONG = "record_wrong"
    EMERGENCY = "emergency"
    CONTINUITY = "continuity"
    OTHER = "other"


LABELS = {
    "override.cannot_deliver": N_("The group cannot deliver after all"),
    "override.quality": N_("Doubts about the quality"),
    "override.food_safety": N_("Food safety"),
    "override.record_wrong": N_("The offer or the demand was recorded wrongly"),
    "override.emergency": N_("Emergency or disaster"),
    "override.continuity": N_("A running supply must not break off"),
    "override.other": N_("Another reason"),
}
