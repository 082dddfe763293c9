"""Settings that would send data over a way that anyone can read stop the start, and say nothing of what they hold."""

import pytest
from pydantic import ValidationError

from service.kernel.settings import Settings

HERE = ["", "localhost", "localhost:5432", "127.0.0.1:5432", "[::1]:5432", "[::1]"]
FAR = ["db", "db:5432", "10.0.0.5", "localhost,db", "127.0.0.1:5432,db:5432", "[fe80::1]:5432", "127.0.0.1.example"]
PG = "postgresql+psycopg://market:a-password@"


@pytest.mark.parametrize("host", FAR)
def test_a_database_on_another_host_is_reached_over_tls_that_checks_its_certificate(host: str) -> None:
    for more in ("", "?sslmode=require", "?sslmode=prefer"):
        with pytest.raises(ValidationError, match="verify-full") as refused:
            Settings(database_url=f"{PG}{host}/market{more}", cookie_secure=True)
        assert "a-password" not in str(refused.value)
    with pytest.raises(ValidationError):
        Settings(jobs_database_url=f"postgresql://{host}/jobs", cookie_secure=True)
    Settings(database_url=f"{PG}{host}/market?sslmode=verify-full", cookie_secure=True)
    Settings(database_url=f"{PG}{host}/market", cookie_secure=True, database_plain=True)
    Settings(database_url=f"{PG}{host}/market")


@pytest.mark.parametrize("host", HERE)
def test_one_on_this_machine_needs_none_unless_its_address_leads_elsewhere(host: str) -> None:
    assert Settings(database_url=f"{PG}{host}/market", cookie_secure=True).database_url
    assert Settings(database_url="postgresql+psycopg:///market?host=/run/postgresql", cookie_secure=True).database_url
    for elsewhere in ("host=db", "hostaddr=10.0.0.5"):
        with pytest.raises(ValidationError):
            Settings(database_url=f"{PG}{host}/market?{elsewhere}", cookie_secure=True)


def test_leading_pages_to_tls_needs_an_address_to_lead_to() -> None:
    with pytest.raises(ValidationError, match="MARKET_PUBLIC_ADDRESS"):
        Settings(tls_redirect=True, public_address="http://market.example")
    assert Settings(tls_redirect=True, public_address="https://market.example").tls_redirect
