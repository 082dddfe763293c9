"""What tests ask of the machine beyond Python: a missing part fails in CI and is a loud skip elsewhere."""

import os
from typing import NoReturn

import pytest


def unavailable(what: str, why: str) -> NoReturn:
    """End the test: in CI every part must be there."""
    message = f"NO {what.upper()} ON THIS MACHINE: {why}"
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
