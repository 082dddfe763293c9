"""Every table of the market, for migrations and tests."""

from service.accounts import models as accounts
from service.amendments import models as amendments
from service.budgets import models as budgets
from service.calendars import models as calendars
from service.catalog import models as catalog
from service.committees import models as committees
from service.comparisons import models as comparisons
from service.demand import models as demand
from service.events import models as events
from service.federation import models as federation
from service.harvests import models as harvests
from service.households import models as households
from service.income import models as income
from service.keys import models as keys
from service.listings import models as listings
from service.menus import models as menus
from service.notices import models as notices
from service.orders import models as orders
from service.overrides import models as overrides
from service.oversight import models as oversight
from service.parties import models as parties
from service.passkeys import models as passkeys
from service.people import models as people
from service.pools import models as pools
from service.prices import models as prices
from service.programme import models as programme
from service.questions import models as questions
from service.recipes import models as recipes
from service.recurring import models as recurring
from service.results import models as results
from service.rounds import models as rounds
from service.tries import models as tries
from service.visits import models as visits
from service.web import models as web

__all__ = [
    "accounts",
    "amendments",
    "budgets",
    "calendars",
    "catalog",
    "committees",
    "comparisons",
    "demand",
    "events",
    "federation",
    "harvests",
    "households",
    "income",
    "keys",
    "listings",
    "menus",
    "notices",
    "orders",
    "overrides",
    "oversight",
    "parties",
    "passkeys",
    "people",
    "pools",
    "prices",
    "programme",
    "questions",
    "recipes",
    "recurring",
    "results",
    "rounds",
    "tries",
    "visits",
    "web",
]
