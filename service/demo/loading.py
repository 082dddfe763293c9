"""Make provinces and load them: everything in one transaction, so a killed load leaves nothing."""

from dataclasses import asdict
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.catalog import search
from service.catalog.models import Product
from service.demand.models import Demand, DemandLine
from service.demo import ground, kitchen, library, needs, neighbours, people, prices, record, rosters, standing, supply
from service.demo.rows import Rows
from service.demo.scene import Built, Scene, Size, When
from service.kernel.db import Database
from service.listings.models import Offer
from service.parties.models import Organisation
from service.people.passwords import hash_password

PASSWORD = "demo"  # noqa: S105  # nosec B105 # told on the first page


class NotFresh(Exception):
    """A market in use: made-up organisations must not stand among real ones."""


def loaded(tx: Session) -> bool:
    """Whether the demonstration is there."""
    operator = select(Organisation.id).where(
        Organisation.scheme == library.SCHEME, Organisation.registration_id == "OPERATOR"
    )
    return tx.scalar(operator) is not None


def load(database: Database, size: Size | None = None, when: When | None = None) -> bool:
    """Fill a fresh database; False when the demonstration is there already, NotFresh when others are."""
    with database.reading() as tx:
        if loaded(tx):
            return False
    with database.writing() as tx:
        if loaded(tx):
            return False
        if tx.scalar(select(Organisation.id).limit(1)) is not None:
            raise NotFresh
        made = [build(tx, size or Size(), province=code, when=when) for code in library.PROVINCES]
        operator = tx.scalars(select(Organisation).where(Organisation.registration_id == "OPERATOR")).one()
        record.tell_loaded(tx, operator, {built.province: asdict(built) for built in made})
    return True


def build(tx: Session, size: Size, *, province: str, when: When | None = None) -> Built:
    """Make one province with a round that is open; places, products and the nation only where they are missing."""
    rows = Rows()
    ground.lay_places(tx, rows)
    grades = ground.lay_catalogue(tx, rows)
    nation = ground.lay_nation(tx, rows)
    scene = Scene(province, size, when or When(), rows, grades, _hash(), personas=dict(nation))
    people.found_institutions(scene)
    names = people.Names(scene)
    buyers, suppliers = people.settle(scene, names)
    people.name_personas(scene, buyers)
    people.open_accounts(scene, library.names()["account"] + (library.names()["national_account"] if nation else []))
    prices.quote(scene)
    standing.give_standing(scene, suppliers)
    rosters.keep_rosters(scene, suppliers)
    supply.list_offers(scene, suppliers)
    needs.post_demands(scene, buyers)
    neighbours.buy_together(scene, buyers)
    needs.ask(scene)
    kitchen.cook(tx, scene)
    return _written(tx, scene)


@lru_cache
def _hash() -> str:
    """One hash for every account: each would cost 40 ms."""
    return hash_password(PASSWORD)


def _written(tx: Session, scene: Scene) -> Built:
    scene.rows.insert(tx)
    if scene.rows.of(Product):
        search.index(tx.connection())  # rows that are written in bulk pass by the session
    record.tell_demands(tx, scene)
    record.tell_questions(tx, scene)
    opened = record.open_round(tx, scene)
    count = {model: len(scene.rows.of(model)) for model in (Offer, Demand, DemandLine)}
    return Built(
        province=scene.province,
        round_id=opened.id,
        company_id=scene.personas["company"]["id"],
        delivery_week=scene.when.week,
        buyers=scene.size.buyers,
        suppliers=scene.size.suppliers,
        offers=count[Offer],
        demands=count[Demand],
        lines=count[DemandLine],
    )
