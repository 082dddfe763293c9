"""Every refusal has its words in both languages and its page."""

import re

import pytest
from starlette.testclient import TestClient

from service import app
from service.kernel.i18n import speaking, translations
from service.kernel.problems import Problem

THAI = re.compile("[\u0e00-\u0e7f]")
assert app.ROUTERS  # every capability is loaded, and with it its refusals
KINDS = sorted(
    (kind for kind in Problem.registry.values() if kind.__module__.startswith("service.")), key=lambda kind: kind.slug()
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug())
def test_a_refusal_says_what_happened_and_what_to_do_in_both_languages(kind: type[Problem]) -> None:
    thai = translations("th")
    assert 400 <= kind.status < 600
    for message in (kind.title, kind.detail, kind.todo):
        assert message, kind
        words = thai.gettext(message)
        assert words != message, message
        assert THAI.search(words)
        assert set(re.findall(r"\{\w+\}", words)) == set(re.findall(r"\{\w+\}", message))


def test_every_refusal_has_a_page_and_the_index_names_it(client: TestClient) -> None:
    index = client.get("/problems").text
    for kind in KINDS:
        page = client.get(f"/problems/{kind.slug()}")
        assert page.status_code == 200
        with speaking("th"):
            title = re.sub(r"\{\w+\}", "…", translations("th").gettext(kind.title))  # blanks that no case fills
        assert f"<h1>{title}</h1>" in page.text
        assert f'href="/problems/{kind.slug()}"' in index


def test_names_of_refusals_are_apart() -> None:
    assert len({kind.slug() for kind in KINDS}) == len(KINDS) > 30


def test_an_unknown_refusal_is_not_found(client: TestClient) -> None:
    assert client.get("/problems/never-heard-of").status_code == 404
