"""Composition root: the app from its capabilities, settings and database."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from service.accounts import api as accounts_api
from service.accounts import door
from service.accounts import pages as accounts_pages
from service.amendments import api as amendments_api
from service.amendments import known as amendments_known
from service.amendments import pages as amendments_pages
from service.audit import pages as rounds_pages
from service.budgets import api as budgets_api
from service.budgets import pages as budgets_pages
from service.calendars import api as calendars_api
from service.calendars import pages as calendars_pages
from service.catalog import api as catalog_api
from service.catalog import pages as catalog_pages
from service.comparisons import api as comparisons_api
from service.comparisons import pages as comparisons_pages
from service.demand import api as demand_api
from service.demand import pages as demand_pages
from service.federation import api as federation_api
from service.federation import pages as federation_pages
from service.federation import providers
from service.guidance import api as guidance_api
from service.guidance import pages as guidance_pages
from service.harvests import api as harvests_api
from service.harvests import pages as harvests_pages
from service.households import api as households_api
from service.households import pages as households_pages
from service.income import api as income_api
from service.income import pages as income_pages
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.keys import api as keys_api
from service.keys import door as keys_door
from service.keys import pages as keys_pages
from service.listings import api as listings_api
from service.listings import pages as listings_pages
from service.menus import api as menus_api
from service.menus import pages as menus_pages
from service.notices import api as notices_api
from service.notices import pages as notices_pages
from service.notices import queries as notices_queries
from service.orders import api as orders_api
from service.orders import pages as orders_pages
from service.outlook import api as outlook_api
from service.outlook import pages as outlook_pages
from service.overrides import api as overrides_api
from service.oversight import api as oversight_api
from service.oversight import pages as oversight_pages
from service.parties import api as parties_api
from service.parties import pages as parties_pages
from service.passkeys import pages as passkeys_pages
from service.people import api as people_api
from service.people import pages as people_pages
from service.phone import pages as phone_pages
from service.pools import api as pools_api
from service.pools import pages as pools_pages
from service.prices import api as prices_api
from service.prices import pages as prices_pages
from service.privacy import api as privacy_api
from service.privacy import pages as privacy_pages
from service.procedure import api as procedure_api
from service.programme import api as programme_api
from service.programme import pages as programme_pages
from service.questions import api as questions_api
from service.questions import pages as questions_pages
from service.recipes import api as recipes_api
from service.recipes import pages as recipes_pages
from service.recovery import api as recovery_api
from service.recovery import pages as recovery_pages
from service.recurring import api as recurring_api
from service.recurring import pages as recurring_pages
from service.results import api as results_api
from service.rounds import api as rounds_api
from service.site import menu
from service.site import pages as site_pages
from service.visits import api as visits_api
from service.visits import pages as visits_pages
from service.web import assets, compression, files, language, pages, problems, security

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
ROUTERS = (
    accounts_api.router,
    accounts_pages.router,
    recovery_api.router,
    recovery_pages.router,
    federation_api.router,
    federation_pages.router,
    passkeys_pages.router,
    keys_api.router,
    keys_pages.router,
    parties_api.router,
    parties_pages.router,
    people_api.router,
    people_api.waiting_router,
    people_pages.router,
    people_pages.waiting_router,
    households_api.router,
    households_pages.router,
    privacy_api.router,
    privacy_pages.router,
    notices_api.router,
    notices_pages.router,
    calendars_api.router,
    calendars_pages.router,
    catalog_api.router,
    catalog_pages.router,
    prices_api.router,
    prices_pages.router,
    harvests_api.router,  # before the offers' own pages, whose steps are a word in the same place
    harvests_pages.router,
    listings_api.router,
    listings_pages.router,
    demand_api.router,
    amendments_api.router,
    amendments_pages.router,
    questions_api.router,
    questions_pages.router,
    pools_api.router,
    pools_api.of_demands,
    pools_pages.router,
    recurring_api.router,
    recurring_pages.router,
    demand_pages.router,
    recipes_api.router,
    recipes_pages.router,
    menus_api.router,
    menus_pages.router,
    outlook_api.router,
    outlook_pages.router,
    programme_api.router,
    programme_pages.router,
    rounds_api.router,
    procedure_api.router,
    results_api.router,
    overrides_api.router,
    comparisons_api.router,
    comparisons_pages.router,
    rounds_pages.router,
    orders_api.router,
    orders_pages.router,
    phone_pages.router,
    guidance_api.router,
    guidance_pages.router,
    visits_api.router,
    visits_pages.router,
    income_api.router,
    income_pages.router,
    oversight_api.router,
    oversight_pages.router,
    budgets_api.router,
    budgets_pages.router,
    site_pages.router,
)
DESCRIPTION = "Allocation of institutional food demand to local farmer groups, with its certificate, reasons and audit."


def create_app(settings: Settings, database: Database | None = None, lifespan: Lifespan | None = None) -> FastAPI:
    """The whole service. `lifespan` starts and stops what runs beside it (the worker)."""
    app = FastAPI(
        title="Pracharat market", version="1", description=DESCRIPTION, lifespan=lifespan or _idle, docs_url=None,
        redoc_url=None, openapi_url="/api/v1/openapi.json",
    )  # fmt: skip
    app.state.settings = settings
    app.state.database = database or Database(settings.database_url)
    app.state.resolve_actor = keys_door.beside(door.for_people(settings))
    app.state.menu = menu.menu
    app.state.pending_change = amendments_known.pending
    app.state.unread = notices_queries.unread
    app.state.providers = providers.configured
    providers.configured(settings)  # what is set wrongly stops the start
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # they are whole: including them would build each a second time
    app.mount("/static", files.OwnFiles(directory=files.STATIC))
    app.mount("/assets", files.OwnFiles(directory=assets.directory()))
    app.add_middleware(compression.Compressed)
    problems.install(app, pages.problem_page)
    security.install(app, settings, pages.problem_page)
    app.add_middleware(language.LanguageOfRequest)
    return app


@asynccontextmanager
async def _idle(app: FastAPI) -> AsyncIterator[None]:
    del app
    yield
