"""Refusals: RFC 9457 problems that say, in Thai and English, what happened and what to do."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from service.kernel.clock import BANGKOK
from service.kernel.i18n import LANGUAGES, N_, gettext, language, long_day, speaking

_BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: its JSON pointer, a message id and the facts that fill it."""

    pointer: str
    message: str
    facts: tuple[tuple[str, Any], ...] = ()

    def text(self) -> str:
        """The message in the language of the moment."""
        return _fill(self.message, dict(self.facts))


@dataclass(frozen=True, slots=True)
class Said:
    """Labels (message ids) inside a refusal: said when it is shown, in the reader's language."""

    labels: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(map(gettext, self.labels))


class Problem(Exception):
    """A refusal. Subclasses name the fact (`ListingClosed`) and set the words; facts fill the braces."""

    status: ClassVar[int] = 409
    title: ClassVar[str] = ""
    detail: ClassVar[str] = ""
    todo: ClassVar[str] = ""
    registry: ClassVar[dict[str, type["Problem"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Problem.registry[cls.slug()] = cls

    def __init__(self, *, errors: tuple[FieldError, ...] = (), headers: dict[str, str] | None = None, **facts: Any):
        super().__init__(self.slug())
        self.errors = errors
        self.headers = headers or {}
        self.facts = facts

    @classmethod
    def slug(cls) -> str:
        """The stable name in addresses: ``ListingClosed`` -> ``listing-closed``."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    def words(self) -> dict[str, str]:
        """Title, detail and advice in the language of the moment."""
        return {name: _fill(getattr(self, name), self.facts) for name in ("title", "detail", "todo")}

    def body(self, instance: str = "") -> dict[str, Any]:
        """The problem document: RFC 9457 members in the reader's language, and both languages beside them."""
        both = {code: _in(code, self) for code in LANGUAGES}
        document: dict[str, Any] = {"type": f"/problems/{self.slug()}", "status": self.status, **both[language()]}
        document |= {"instance": instance, "th": both["th"], "en": both["en"]}
        if self.errors:
            document["errors"] = [_field_document(error) for error in self.errors]
        return document


def _in(code: str, problem: Problem) -> dict[str, str]:
    with speaking(code):
        return problem.words()


def _field_document(error: FieldError) -> dict[str, str]:
    texts = {}
    for code in LANGUAGES:
        with speaking(code):
            texts[code] = error.text()
    return {"pointer": error.pointer, "detail": texts[language()], **texts}


def _fill(message: str, facts: dict[str, Any]) -> str:
    """A message with its facts in the braces, once: a fact may hold braces of its own."""
    return _BLANK.sub(lambda blank: _said(facts[blank[1]]) if blank[1] in facts else blank[0], gettext(message))


def _said(value: Any) -> str:
    """A fact in words: days and moments in the reader's calendar."""
    if isinstance(value, datetime):
        local = value.astimezone(BANGKOK)
        return f"{long_day(local.date())} {local:%H:%M}"
    return long_day(value) if isinstance(value, date) else str(value)


class InvalidInput(Problem):
    """Malformed input, with a pointer for each field."""

    status = 422
    title = N_("Some fields are not right")
    detail = N_("The request could not be read as it was sent.")
    todo = N_("Correct the fields that are named and send it again.")


class NotFound(Problem):
    """Nothing is there, or the actor may not know that it is."""

    status = 404
    title = N_("Not found")
    detail = N_("There is nothing here that you can open.")
    todo = N_("Check the address, or go back to your first page.")


class NotAllowed(Problem):
    """The actor's role, organisation or province does not allow the action."""

    status = 403
    title = N_("You may not do this")
    detail = N_("Your role in your organisation does not include this action.")
    todo = N_("Ask a colleague with the right role, or switch the organisation you act for.")


class SignInRequired(Problem):
    """Nobody is signed in."""

    status = 401
    title = N_("Please sign in")
    detail = N_("This needs a signed-in person.")
    todo = N_("Sign in and try again.")


class SecondFactorRequired(Problem):
    """The password was right; the second factor is still owed."""

    status = 401
    title = N_("The second step of signing in is missing")
    detail = N_("Your role needs a code from an authenticator app besides the password.")
    todo = N_("Enter the code, or set up the app first; then try again.")


class WrongState(Problem):
    """The object is not in a state that allows the step."""

    title = N_("This step is not possible now")
    detail = N_("It is in the state “{state}”; this step needs {allowed}.")
    todo = N_("Reload the page to see its present state and the steps that are open.")

    @classmethod
    def of(cls, labels: Mapping[str, str], state: str, allowed: Iterable[str], prefix: str = "") -> "WrongState":
        """The refusal in the labels of the states, which stand under their names with a prefix."""
        needed = tuple(labels[prefix + one] for one in sorted(allowed))
        return cls(state=Said((labels[prefix + state],)), allowed=Said(needed))


class EditConflict(Problem):
    """Someone else changed the object since it was read."""

    status = 412
    title = N_("Someone changed this meanwhile")
    detail = N_("You worked on an older version of it.")
    todo = N_("Reload, look at the change, and enter yours again.")


class Busy(Problem):
    """The system could not take the write in time."""

    status = 503
    title = N_("The system is busy")
    detail = N_("Your change was not made.")
    todo = N_("Try again in a few seconds.")


class Duplicate(Problem):
    """A natural key is already taken, or related rows are missing."""

    title = N_("This is already there")
    detail = N_("Another entry with the same key exists, or something it refers to is gone.")
    todo = N_("Look for the existing entry, or change the key.")


def must_match(version: int, expected: int) -> None:
    """Refuse an edit of another version than the one that was read (`expected`: the caller's If-Match)."""
    if version != expected:
        raise EditConflict
