"""Why a sign-in is refused, for how long it holds, and who needs a second factor."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from limits import RateLimitItemPerHour, RateLimitItemPerMinute

from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.kernel.settings import Settings
from service.people.rules import REVIEWING

TRIES = RateLimitItemPerMinute(10)  # of one account: passwords, codes and PINs apart
FAILURES = RateLimitItemPerHour(30)
PRIVILEGED = REVIEWING  # who signs in with two factors
ACTING_FOR = timedelta(minutes=15)  # a PIN names a person on a shared phone for so long
JUST_NOW = timedelta(minutes=15)  # so long a sign-in without a password stands for whoever adds a way in
TOUCHED_EVERY = timedelta(minutes=1)
RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms sessions are held."""

    absolute: timedelta
    idle: timedelta
    second_factor: bool
    demo: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of the settings; the demonstration's accounts are everybody's and have no authenticator."""
        return cls(
            timedelta(hours=settings.session_hours),
            timedelta(minutes=settings.session_idle_minutes),
            settings.require_second_factor and not settings.demo,
            settings.demo,
        )

    def must_be_ones_own(self) -> None:
        """Refuse to lock an account that everybody uses."""
        if self.demo:
            raise EverybodysAccount


class SignInFailed(Problem):
    """Unknown name or wrong password; which of the two is not said."""

    status = 401
    title = N_("Sign-in failed")
    detail = N_("The name and the password do not belong together.")
    todo = N_("Check both and try again; after several failures you have to wait a little.")


class EverybodysAccount(Problem):
    """A change in the demonstration that would keep the next visitor out."""

    title = N_("This account is everybody's")
    detail = N_("In the demonstration anyone signs in with it; its password and second factor stay as they are.")
    todo = N_("Try it in an installation of your own.")


class WrongCode(Problem):
    """A code of a second factor, or one that was handed over, that does not hold (any more)."""

    status = 401
    title = N_("The code is not right")
    detail = N_("It may be mistyped, too old, or used already.")
    todo = N_("Check the clock of your phone, wait for the next code, and try again.")


class WrongPassword(Problem):
    """The present password was not right."""

    title = N_("That is not your present password")
    detail = N_("A change needs the password that you sign in with now.")
    todo = N_("Enter your present password again.")


class ComeInAnew(Problem):
    """A way in added to an account without a password, on a session that somebody may have left open."""

    title = N_("Sign in again first")
    detail = N_("Your account has no password to ask for, and you signed in a while ago.")
    todo = N_("Sign out, sign in again, and do this within a quarter of an hour.")


class WrongPin(Problem):
    """The PIN is not that person's."""

    title = N_("The PIN is not right")
    detail = N_("It does not belong to the person you chose.")
    todo = N_("Choose yourself and enter your own PIN of six digits.")


class NameYourself(Problem):
    """An answer on a shared phone by nobody in particular."""

    title = N_("Say who answers")
    detail = N_("Several people use this phone; the record needs to know who decides.")
    todo = N_("Choose yourself and enter your PIN; then answer.")


class AlreadyProtected(Problem):
    """A second authenticator beside one that is in use."""

    title = N_("An authenticator is set up already")
    detail = N_("A person has one authenticator.")
    todo = N_("Remove the present one first, with a code of it.")


class StillNeeded(Problem):
    """A second factor that a role needs."""

    title = N_("Your role needs the authenticator")
    detail = N_("Auditors, heads of institutions and administrators sign in with two factors.")
    todo = N_("To change your phone, set up the new one with a recovery code or ask your administrator.")


def owed(terms: Terms, roles: frozenset[str], *, has_factor: bool, given: bool) -> str:
    """What a session still owes: a `code`, the `enrolment` of an authenticator, or nothing.

    `given` is a code here, or a provider's word for its own second factor where the operator accepts that.
    """
    if given:
        return ""
    if has_factor:
        return "code"
    return "enrolment" if terms.second_factor and roles & PRIVILEGED else ""
