"""Closed words of menus: meals, and what is counted in which kind of kitchen."""

from dataclasses import dataclass
from enum import StrEnum

from service.kernel.i18n import N_


class Meal(StrEnum):
    """A meal of the day, in its order."""

    BREAKFAST = "breakfast"
    LUNCH = "lunch"
    DINNER = "dinner"


THREE = (Meal.BREAKFAST, Meal.LUNCH, Meal.DINNER)
LUNCH = (Meal.LUNCH,)


@dataclass(frozen=True, slots=True)
class Counted:
    """Whom a kind of kitchen counts each day, and the meals that each of them gets."""

    who: str
    meals: tuple[Meal, ...]


COUNTED: dict[str, Counted] = {
    "school": Counted(N_("pupils present"), LUNCH),
    "hospital": Counted(N_("occupied beds"), THREE),
    "prison": Counted(N_("inmates"), THREE),
    "army_camp": Counted(N_("soldiers"), THREE),
    "government_office": Counted(N_("people served"), LUNCH),
    "municipality": Counted(N_("children present"), LUNCH),
    "private_buyer": Counted(N_("people served"), (Meal.LUNCH, Meal.DINNER)),
}
LABELS = {
    "meal.breakfast": N_("Breakfast"),
    "meal.lunch": N_("Lunch"),
    "meal.dinner": N_("Dinner"),
    "menu.planned": N_("Menu of a week planned"),
    "menu.copied": N_("Menu copied to other weeks"),
    "menu.drafted": N_("Demand drafted from the menu"),
    "heads.counted": N_("Heads counted"),
    "stock.counted": N_("Stock counted"),
    "rate.set": N_("Own food rate set"),
    "demand.scaled": N_("Demand drafted for other heads"),
    "subject.menu_weeks": N_("Menu of a week"),
}
