"""Why a passkey is refused, and how many somebody may have."""

from datetime import timedelta

from service.kernel.i18n import N_
from service.kernel.problems import Problem

MOST = 10
HOLDS = timedelta(minutes=5)  # a question; the browser asks for a finger or a PIN in the meantime


class PasskeyRefused(Problem):
    """What the device sent does not prove who somebody is."""

    status = 401
    title = N_("The passkey did not let you in")
    detail = N_("It is not known here (any more), or what the device sent does not prove that it is you.")
    todo = N_("Try again, or sign in with your user name and password.")


class QuestionOver(Problem):
    """An answer to a question that is too old, another one's, or answered already."""

    title = N_("This attempt is over")
    detail = N_("The page was open too long, or it was used already.")
    todo = N_("Load the page again and try once more.")


class PasskeyKnown(Problem):
    """A device that has a passkey here already."""

    title = N_("This passkey is known already")
    detail = N_("It stands for an account here; one passkey stands for one account.")
    todo = N_("Sign in with it, or choose another device.")


class TooManyPasskeys(Problem):
    """More passkeys than anyone needs."""

    title = N_("You have enough passkeys")
    detail = N_("An account has {most} passkeys at most.")
    todo = N_("Remove one that you no longer use first.")


class OnlyWayIn(Problem):
    """The last passkey of an account without a password."""

    title = N_("This is your only way in")
    detail = N_("Your account has no password yet; without this passkey you could not sign in any more.")
    todo = N_("Ask for a code and choose a password first.")


LABELS = {
    "passkey.added": N_("Passkey added"),
    "passkey.removed": N_("Passkey removed"),
}
