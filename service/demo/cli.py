"""What the command line says about the demonstration, in both languages: the reader may speak either."""

from service.demo.loading import NotFresh, load
from service.kernel.db import Database
from service.kernel.i18n import LANGUAGES, N_, gettext, speaking

LOADED = N_("The demonstration has been loaded: two provinces, a round is open in each.")
THERE = N_("The demonstration is there already; nothing was changed.")
IN_USE = N_("This market is in use. The demonstration goes into a fresh database only.")
LOOK = N_("Open {address} and choose an account of the demonstration; every password is “demo”.")


def run(database_url: str) -> int:
    """Load the demonstration and say what came of it; 1 where the market is in use."""
    database = Database(database_url)
    try:
        say(LOADED if load(database) else THERE)
    except NotFresh:
        say(IN_USE)
        return 1
    finally:
        database.dispose()
    return 0


def say(message: str, **facts: str) -> None:
    """Print a message in every language."""
    for code in LANGUAGES:
        with speaking(code):
            print(gettext(message).format(**facts), flush=True)
