"""What the tests of the house have read is forgotten with each of their files: what is kept slows every later test."""

from collections.abc import Iterator

import pytest

from tests.house.tree import source


@pytest.fixture(scope="module", autouse=True)
def forgotten() -> Iterator[None]:
    yield
    source.cache_clear()
