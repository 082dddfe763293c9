"""Reference prices: every product, province and week of half a year up to the delivery week, with its season."""

from datetime import date, timedelta
from math import pi, sin

from service.catalog.models import ReferencePrice
from service.demo import library
from service.demo.library import Good
from service.demo.scene import Scene, rounded

WEEKS_BACK = 28  # 26 past weeks, this one and the next; the delivery week comes on top
QUARTER_OF_A_YEAR = 13
LEVEL = {"45": 0.98, "52": 1.03}  # Lampang lies further from the large wholesale markets


def quote(scene: Scene) -> None:
    """Quartiles in satang; the delivery week's are what ceilings and offers go by."""
    for good in library.goods():
        dice = scene.dice(f"price {good.code}")
        drift = 1.0
        for back in range(WEEKS_BACK, -1, -1):
            week = scene.when.week - timedelta(weeks=back)
            drift = 1 + 0.8 * (drift - 1) + dice.gauss(0, 0.012)
            middle = good.satang * LEVEL[scene.province] * seasonal(good, week) * drift
            scene.prices[good.code] = scene.rows.add(
                ReferencePrice,
                product_code=good.code,
                province_code=scene.province,
                week=week,
                **quartiles(middle, good.spread_percent),
                sample_size=dice.randint(8, 40),
                source=library.SOURCE,
                synthetic=True,
            )


def seasonal(good: Good, week: date) -> float:
    """The season's part in the price: a wave over the year with its crest in the product's dearest week."""
    swing, dearest = good.season
    return 1 + swing * sin(2 * pi * (week.isocalendar().week - dearest + QUARTER_OF_A_YEAR) / 52)


def quartiles(middle: float, spread_percent: int) -> dict[str, int]:
    """Lower quartile, median, upper quartile: the spread says how far sellers of one day lie apart."""
    half = spread_percent / 200
    return {
        "lower_satang": rounded(middle * (1 - half)),
        "median_satang": rounded(middle),
        "upper_satang": rounded(middle * (1 + half)),
    }
