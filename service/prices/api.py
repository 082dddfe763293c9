"""The API of price statistics; they are public, as reference prices are."""

from typing import Annotated

from fastapi import Path, Query

from service.catalog.queries import product
from service.kernel.clock import today, week_of
from service.kernel.problems import InvalidInput, NotFound
from service.kernel.shapes import ProductCode, Week
from service.prices import queries
from service.prices.rules import Cell
from service.prices.schemas import CellOut
from service.web.deps import Tx
from service.web.problems import problems
from service.web.routes import api_router

router = api_router("", "catalog")


@router.get("/products/{code}/spread", response_model=list[CellOut], responses=problems(InvalidInput, NotFound))
def spread(
    code: Annotated[ProductCode, Path()],
    province: Annotated[str, Query(pattern=r"^\d{2}$", description="Two-digit code of the province.")],
    tx: Tx,
    until: Week | None = None,
    weeks: Annotated[int, Query(ge=1, le=52)] = 52,
) -> list[Cell]:
    """Quartiles by week, from imported reference prices and from what closed rounds paid; oldest first."""
    product(tx, code)
    return queries.spread(tx, product_code=code, province_code=province, until=until or week_of(today()), weeks=weeks)
