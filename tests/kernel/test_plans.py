"""PostgreSQL plans a statement for the values it is asked with, however often it was asked before."""

import pytest
from sqlalchemy import text

from service.kernel.db import Database

pytestmark = pytest.mark.postgres
OFTEN = 20  # the driver prepares a statement after five, the server would forget about values after five more


def test_no_statement_is_planned_for_no_values_in_particular(postgres_database: Database) -> None:
    with postgres_database.engine.connect() as connection:
        for number in range(OFTEN):
            connection.execute(text("SELECT count(*) FROM events WHERE verb = :verb"), {"verb": str(number)})
        found = "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%FROM events%'"
        ((custom, generic),) = connection.execute(text(found)).all()
    assert (custom > 10, generic) == (True, 0)
