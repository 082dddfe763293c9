"""Rules of the ways back: who may help, how long codes hold, and that one pair of hands is not enough."""

from datetime import timedelta

from limits import RateLimitItemPerHour

from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.kernel.settings import Settings
from service.notices.channels import is_ready

BY_HAND = timedelta(hours=72)  # a code that an officer hands over
INVITED = timedelta(days=7)
BY_MAIL = timedelta(minutes=30)
APART = timedelta(days=30)  # one helper makes a code and takes the authenticator away only so far apart
EMAIL = "email"
SETTLED = timedelta(days=1)  # how long an address was confirmed before it opens an account
MAILS = RateLimitItemPerHour(3)  # asked for one address


class NotTheirs(Problem):
    """Help with an account of someone who also belongs to an organisation out of reach."""

    status = 403
    title = N_("You cannot help with this account")
    detail = N_("The person also belongs to an organisation whose people you do not look after.")
    todo = N_("Ask the operator of the platform.")


class BothHands(Problem):
    """Code and authenticator of a reviewer in one helper's hands."""

    title = N_("Another helper has to do this")
    detail = N_("Who makes a code for someone with a role of review does not take their authenticator away, "
                "nor the other way round.")  # fmt: skip
    todo = N_("Ask a colleague who looks after these accounts too.")


class MailNotSetUp(Problem):
    """E-mail in an installation that sends none."""

    title = N_("No e-mail is sent from here")
    detail = N_("The operator has not set up e-mail.")
    todo = N_("Ask the person who manages your organisation here, or a service centre, for a code.")


def must_be_set_up(settings: Settings) -> None:
    """Refuse where this installation sends no e-mail."""
    if not is_ready(settings, EMAIL):
        raise MailNotSetUp


LABELS = {
    "access_code.mailed": N_("Code to choose a password sent by e-mail"),
    "access_code.invited": N_("Invitation sent by e-mail"),
}
