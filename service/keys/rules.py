"""What a program's key may reach, how it is written, and for how long."""

import secrets
from datetime import timedelta
from hashlib import sha256

from service.kernel.i18n import N_
from service.kernel.problems import Problem

PREFIX = "mk_"
HINT = len(PREFIX) + 6  # letters that are shown again
MOST = 20
TOUCHED_EVERY = timedelta(minutes=1)
# Parts of the API by their tag in its description; accounts, people and keys themselves are for people.
AREAS = {
    "parties": N_("organisations, places, social shares"),
    "catalog": N_("products, prices, certificates"),
    "listings": N_("offers"),
    "demand": N_("demands and budgets"),
    "rounds": N_("rounds and results"),
    "orders": N_("awards and orders"),
    "oversight": N_("the event log"),
}
SCOPES = {f"{area}:{kind}" for area in AREAS for kind in ("read", "write")}
LABELS = {
    "api_key.made": N_("Program's key made"),
    "api_key.renewed": N_("Program's key renewed"),
    "api_key.ended": N_("Program's key ended"),
    "subject.api_keys": N_("Program's key"),
    **{f"scope.{area}": words for area, words in AREAS.items()},
}


class TooManyKeys(Problem):
    """More keys than one person can keep an eye on."""

    title = N_("You have many keys already")
    detail = N_("A person may have {most} keys that hold.")
    todo = N_("End one that is no longer used.")


def new_secret() -> str:
    """A fresh key as its program sends it."""
    return PREFIX + secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is stored of it: it is random and long, so a plain hash is enough."""
    return sha256(secret.encode()).hexdigest()
