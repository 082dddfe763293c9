"""Why a link does not let one answer, and how codes are read."""

import unicodedata
from hashlib import sha256

from limits import RateLimitItemPerHour

from service.kernel.i18n import N_
from service.kernel.problems import Problem

MOST_WRONG = 5
CODES = RateLimitItemPerHour(3)  # sent anew for one link


class LinkClosed(Problem):
    """A link that took too many wrong codes."""

    status = 403
    title = N_("This link is closed")
    detail = N_("A wrong code was entered five times, so it might not have been you.")
    todo = N_("Sign in to answer, or ask your service centre to help.")


class WrongLinkCode(Problem):
    """A code that is not the link's, and no PIN either."""

    status = 422
    title = N_("The code is not right")
    detail = N_("It may be mistyped, or an older one. Tries that are left: {left}.")
    todo = N_("Look at the newest message, or let us send you a new code.")


def digits(text: str) -> str:
    """The digits of what was typed, Thai ones too."""
    return "".join(str(unicodedata.digit(sign)) for sign in text if sign.isdigit())


def marked(key: str) -> str:
    """What is kept of the key under which an answer was sent."""
    return sha256(key.encode()).hexdigest() if key else ""
