"""Synthetic provinces for the benchmarks: places on a map, kitchens with lines, groups with lots.

Every figure is made up. A province has towns; buyers and suppliers settle around them; a buyer-day needs about
seven of 18 products (line value about 560 baht); an offer is a supplier's lot of one product on one day; trips
cost 25 baht and 3.5 baht a road kilometre; half the supplier-days cost a 60 baht pickup; most lines may be
split among at most three awards; half the offers have a minimum order; suppliers have revenue ceilings and
buyers budgets.

    python -m benchmarks.generate 400 700 --seed 1 -o province.npz
    python -m benchmarks.generate 400 700 --place 45 -o roi-et.npz

Towns are random, or the district seats of a real province (`--place`, its code in data/seats.csv).
"""

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from solver import Instance, write_instance

PRODUCTS = 18
DAYS = 5
ONE_OR_TWO = (1, 3)
"""Days on which a buyer asks: from, and below."""
DATA = Path(__file__).with_name("data")
Rows = dict[str, np.ndarray]


@dataclass(frozen=True)
class Places:
    """Buyers and suppliers on a map of `side_km` x `side_km`."""

    buyer: np.ndarray
    supplier: np.ndarray


def table(name: str) -> list[dict[str, str]]:
    """The rows of a file in benchmarks/data; lines that start with # say where they come from."""
    with (DATA / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def seats(code: str) -> np.ndarray:
    """The district seats of a province on a plane, in kilometres, shape (districts, 2)."""
    degrees = np.array([(float(r["lng"]), float(r["lat"])) for r in table("seats.csv") if r["province"] == code])
    if not len(degrees):
        message = f"no province has the code {code}"
        raise SystemExit(message)
    km: np.ndarray = (
        (degrees - degrees.mean(axis=0)) * 111.2 * np.array([np.cos(np.radians(degrees[:, 1].mean())), 1.0])
    )
    return km


def _places(rng: np.random.Generator, buyers: int, suppliers: int, towns: np.ndarray | None) -> Places:
    side_km = 10 * np.sqrt(buyers / 10)
    towns = rng.uniform(0, side_km, (max(3, buyers // 25), 2)) if towns is None else towns

    def settle(count: int, spread_km: float) -> np.ndarray:
        return towns[rng.integers(0, len(towns), count)] + rng.normal(0, spread_km, (count, 2))

    return Places(settle(buyers, 6.0), settle(suppliers, 9.0))


def _lines(rng: np.random.Generator, buyers: int, asks: tuple[int, int]) -> Rows:
    days = [(b, d) for b in range(buyers) for d in rng.choice(DAYS, rng.integers(*asks), replace=False)]
    rows = [(b, d, p) for b, d in days for p in rng.choice(PRODUCTS, rng.integers(5, 10), replace=False)]
    buyer, day, product = np.array(rows).T
    price = _product_prices(rng)
    pupils = np.exp(rng.normal(np.log(120), 0.9, buyers))
    units = pupils[buyer] * rng.lognormal(0, 0.5, len(rows)) * 2.7 / price[product]
    quantity = np.maximum(2, np.rint(units)).astype(int)
    return {"buyer": buyer, "day": day, "product": product, "quantity": quantity, "base_price": price[product]}


def _product_prices(rng: np.random.Generator) -> np.ndarray:
    return np.round(rng.uniform(18, 140, PRODUCTS), 0)


def _offers(rng: np.random.Generator, suppliers: int, demand: np.ndarray) -> Rows:
    """Lots of two to five products a supplier; capacity follows demand so that about 1.6 times is on offer."""
    weights = demand.sum(axis=0) + 1
    rows = [
        (s, d, p)
        for s in range(suppliers)
        for p in rng.choice(PRODUCTS, rng.integers(2, 6), replace=False, p=weights / weights.sum())
        for d in rng.choice(DAYS, rng.integers(2, DAYS + 1), replace=False)
    ]
    supplier, day, product = np.array(rows).T
    raw = rng.lognormal(0, 0.9, len(rows))
    total = np.zeros((DAYS, PRODUCTS))
    np.add.at(total, (day, product), raw)
    capacity = np.maximum(1, np.rint(1.6 * raw * demand[day, product] / total[day, product])).astype(int)
    minimum = np.where(rng.random(len(rows)) < 0.5, np.maximum(1, capacity // 10), 0)
    step = np.where(rng.random(len(rows)) < 0.1, 5, 1)
    lots = {"supplier": supplier, "day": day, "product": product}
    return lots | {"capacity": capacity, "minimum": minimum, "step": step}


def _arcs(rng: np.random.Generator, places: Places, lines: Rows, offers: Rows, reach: int) -> Rows:
    """Each line meets the `reach` nearest offers of its product and day."""
    line_rows, offer_rows = [], []
    for d in range(DAYS):
        for p in range(PRODUCTS):
            here = np.flatnonzero((lines["day"] == d) & (lines["product"] == p))
            lots = np.flatnonzero((offers["day"] == d) & (offers["product"] == p))
            if len(here) and len(lots):
                apart = places.buyer[lines["buyer"][here]][:, None] - places.supplier[offers["supplier"][lots]][None]
                nearest = np.argsort((apart**2).sum(axis=2), axis=1, kind="stable")[:, :reach]
                line_rows.append(np.repeat(here, nearest.shape[1]))
                offer_rows.append(lots[nearest].ravel())
    line, offer = np.concatenate(line_rows), np.concatenate(offer_rows)
    spread = rng.normal(1, 0.1, len(offers["supplier"]))[offer] * rng.normal(1, 0.03, len(line))
    price = np.round(lines["base_price"][line] * np.clip(spread, 0.6, 1.5), 2)
    margin = np.round(np.minimum(0.15, rng.gamma(2.0, 0.025, offers["supplier"].max() + 1)), 4)
    return {"line": line, "offer": offer, "price": price, "cost": price * (1 - margin[offers["supplier"][offer]])}


def _trips(places: Places, lines: Rows, offers: Rows, arcs: Rows) -> Rows:
    """Number the drops (supplier, buyer, day) and the pickups (supplier, day), with their fees in baht."""
    buyer, supplier = lines["buyer"][arcs["line"]], offers["supplier"][arcs["offer"]]
    day = lines["day"][arcs["line"]]
    key = np.stack([supplier, buyer, day], axis=1)
    drops, drop = np.unique(key, axis=0, return_inverse=True)
    road_km = 1.3 * np.sqrt(((places.supplier[drops[:, 0]] - places.buyer[drops[:, 1]]) ** 2).sum(axis=1))
    collected = drops[:, 0] % 2 == 0
    pickups, pickup = np.unique(drops[collected][:, [0, 2]], axis=0, return_inverse=True)
    of_drop = np.full(len(drops), -1)
    of_drop[collected] = pickup.ravel()
    fee = np.round(25 + 3.5 * road_km, 2)
    return {"drop": drop.ravel(), "fee": fee, "pickup": of_drop, "pickups": np.arange(len(pickups))}


def _caps(rng: np.random.Generator, lines: Rows, offers: Rows, arcs: Rows) -> Rows:
    """A hard budget a buyer and a soft revenue ceiling a supplier, both over the actual price."""
    buyer, supplier = lines["buyer"][arcs["line"]], offers["supplier"][arcs["offer"]]
    value = lines["quantity"] * lines["base_price"]
    budget = 1.12 * np.bincount(lines["buyer"], weights=value, minlength=buyer.max() + 1)
    ceiling = rng.lognormal(np.log(6000), 0.5, supplier.max() + 1)
    at_buyer, at_supplier = np.unique(buyer), np.unique(supplier)
    n = len(at_buyer)
    return {
        "limit": np.round(np.concatenate([budget[at_buyer], ceiling[at_supplier]]), 2),
        "penalty": np.concatenate([np.full(n, np.inf), np.full(len(at_supplier), 0.5)]),
        "cap": np.concatenate([np.searchsorted(at_buyer, buyer), n + np.searchsorted(at_supplier, supplier)]),
        "arc": np.tile(np.arange(len(buyer)), 2),
        "coefficient": np.tile(arcs["price"], 2),
    }


def province(
    buyers: int, suppliers: int, seed: int = 1, reach: int = 25, *,
    towns: np.ndarray | None = None, asks: tuple[int, int] = ONE_OR_TWO,
) -> Instance:  # fmt: skip
    """A province of that size; the same seed gives the same instance.

    `reach`: offers near enough to a line; `towns`: where people settle, km; `asks`: a buyer's days, from and below.
    """
    rng = np.random.default_rng([seed, buyers, suppliers])
    places, lines = _places(rng, buyers, suppliers, towns), _lines(rng, buyers, asks)
    demand = np.zeros((DAYS, PRODUCTS))
    np.add.at(demand, (lines["day"], lines["product"]), lines["quantity"])
    offers = _offers(rng, suppliers, demand)
    arcs = _arcs(rng, places, lines, offers, reach)
    trips, caps = _trips(places, lines, offers, arcs), _caps(rng, lines, offers, arcs)
    columns = {
        "lines.quantity": lines["quantity"],
        "lines.shortage_cost": np.round(5 * lines["base_price"] * 1.2, 2),
        "lines.max_awards": np.where(rng.random(len(lines["buyer"])) < 0.7, 3, 0),
        "lines.whole": rng.random(len(lines["buyer"])) < 0.02,
        "offers.capacity": offers["capacity"],
        "pickups.fee": np.full(len(trips["pickups"]), 60.0),
        "drops.fee": trips["fee"],
        "drops.pickup": trips["pickup"],
        "arcs.line": arcs["line"],
        "arcs.offer": arcs["offer"],
        "arcs.drop": trips["drop"],
        "arcs.unit_cost": arcs["cost"],
        "arcs.minimum": offers["minimum"][arcs["offer"]],
        "arcs.step": offers["step"][arcs["offer"]],
    }
    columns |= {f"caps.{name}": values for name, values in caps.items()}
    return Instance.from_columns(columns, name=f"synthetic province {buyers}/{suppliers} seed {seed}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a synthetic province.")
    parser.add_argument("buyers", type=int)
    parser.add_argument("suppliers", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reach", type=int, default=25, help="offers within reach of a line")
    parser.add_argument("--place", help="code of a real province, whose district seats are the towns")
    parser.add_argument("-o", "--output", default="province.npz")
    args = parser.parse_args()
    towns = seats(args.place) if args.place else None
    write_instance(province(args.buyers, args.suppliers, args.seed, args.reach, towns=towns), args.output)


if __name__ == "__main__":
    main()
