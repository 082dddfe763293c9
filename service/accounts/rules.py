"""Why a sign-in is refused."""

from service.kernel.i18n import N_
from service.kernel.problems import Problem


class SignInFailed(Problem):
    """Unknown name or wrong password; which of the two is not said."""

    status = 401
    title = N_("Sign-in failed")
    detail = N_("The name and the password do not belong together.")
    todo = N_("Check both and try again; after several failures you have to wait a little.")


class TooManyAttempts(Problem):
    """Sign-in is throttled."""

    status = 429
    title = N_("Too many attempts")
    detail = N_("There were too many sign-in attempts.")
    todo = N_("Wait {seconds} seconds and try again.")
