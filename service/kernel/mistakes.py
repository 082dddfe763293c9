"""What pydantic found wrong, in our own words: one translation for JSON, forms and files."""

from typing import Any

from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput
from service.kernel.shapes import Mistake

UNREADABLE = N_("This is not valid JSON.")
_NOT_AN_OBJECT = N_("Send a JSON object, with the content type application/json.")
_UNPRINTABLE = N_("It holds characters that cannot be printed.")
_MESSAGES = {
    "missing": N_("This is needed."),
    "int_parsing": N_("Write a whole number."),
    "int_type": N_("Write a whole number."),
    "int_from_float": N_("Write a whole number."),
    "float_parsing": N_("Write a number."),
    "decimal_parsing": N_("Write a number."),
    "decimal_type": N_("Write a number."),
    "finite_number": N_("Write a number."),
    "decimal_max_places": N_("Write at most {decimal_places} digits behind the point."),
    "decimal_max_digits": N_("This number is too large."),
    "decimal_whole_digits": N_("This number is too large."),
    "int_parsing_size": N_("This number is too large."),
    "greater_than": N_("It must be more than {gt}."),
    "greater_than_equal": N_("It must be at least {ge}."),
    "less_than": N_("It must be less than {lt}."),
    "less_than_equal": N_("It must be at most {le}."),
    "string_too_short": N_("It must have at least {min_length} characters."),
    "string_too_long": N_("It must have at most {max_length} characters."),
    "string_pattern_mismatch": N_("It is not written in the expected form."),
    "enum": N_("Choose one of: {expected}."),
    "literal_error": N_("Choose one of: {expected}."),
    "date_parsing": N_("Write a date as year-month-day."),
    "date_from_datetime_parsing": N_("Write a date as year-month-day."),
    "time_parsing": N_("Write a time as hours:minutes."),
    "uuid_parsing": N_("This does not name anything."),
    "too_short": N_("Give at least {min_length}."),
    "too_long": N_("Give at most {max_length}."),
    "json_invalid": UNREADABLE,
    "model_attributes_type": _NOT_AN_OBJECT,
    "model_type": _NOT_AN_OBJECT,
    "dict_type": _NOT_AN_OBJECT,
    "string_unicode": _UNPRINTABLE,
    "string_type": N_("Write a text."),
    "list_type": N_("Give a list."),
    "bool_parsing": N_("Say yes or no."),
    "bool_type": N_("Say yes or no."),
    "extra_forbidden": N_("There is no such field."),
}
_OTHER = N_("This value is not right ({type}).")


def invalid(errors: list[Any] | Any, prefix: str = "") -> InvalidInput:
    """Build the InvalidInput problem from pydantic's list of errors."""
    return InvalidInput(errors=tuple(_field_error(error, prefix) for error in errors))


def _part(part: Any) -> str:
    """A part of a JSON pointer (RFC 6901); a foreign field's name may be anything, and of any length."""
    text = str(part)[:80].encode(errors="replace").decode()
    return text.replace("~", "~0").replace("/", "~1")


def _kind(error: dict[str, Any]) -> str:
    """Which mistake it is; of a text behind a check of our own pydantic says `too_short` as of a list."""
    kind = str(error["type"])
    return f"string_{kind}" if kind in {"too_short", "too_long"} and isinstance(error.get("input"), str) else kind


def _field_error(error: dict[str, Any], prefix: str) -> FieldError:
    where = [_part(part) for part in error["loc"] if part not in {"body", "query", "path", "header"}]
    facts = {"type": error["type"], **(error.get("ctx") or {})}
    cause = facts.get("error")
    if isinstance(cause, Mistake):
        return FieldError(prefix + "/" + "/".join(where), cause.message, tuple(cause.facts.items()))
    message = _MESSAGES.get(_kind(error), _OTHER)
    told = tuple((name, value) for name, value in facts.items() if name != "error")
    return FieldError(prefix + "/" + "/".join(where), message, told)
