"""Why a sign-in elsewhere is refused here."""

from service.kernel.i18n import N_
from service.kernel.problems import Problem


class ProviderSilent(Problem):
    """The identity provider cannot be reached, or answers nothing that can be read."""

    status = 503
    title = N_("{provider} does not answer")
    detail = N_("The other service could not be reached, or it is out of order. Nothing was changed here.")
    todo = N_("Try again in a minute, or sign in with your user name and password.")


class NotProven(Problem):
    """What the provider sent does not prove who somebody is."""

    status = 401
    title = N_("Signing in with {provider} failed")
    detail = N_("What came back from there does not prove who you are, or it was used already.")
    todo = N_("Begin again on the page of signing in.")


class AttemptOver(Problem):
    """An answer from a provider that nobody waits for in this browser."""

    title = N_("This attempt to sign in is over")
    detail = N_("It was begun in another browser or too long ago, or it is finished already.")
    todo = N_("Begin again on the page of signing in.")


class DeclinedElsewhere(Problem):
    """The person, or the provider, said no."""

    title = N_("{provider} did not let you in")
    detail = N_("You turned back there, or the service refused.")
    todo = N_("Begin again, or sign in with your user name and password.")


class NotConnected(Problem):
    """A subject that stands for no account (any more)."""

    status = 401
    title = N_("No account here is connected with it")
    detail = N_("Signing in elsewhere opens an account only after it was connected with it. Names and addresses "
                "are never compared.")  # fmt: skip
    todo = N_("Sign in with your user name and password and connect it on “My account”, or use the code that you "
              "were given.")  # fmt: skip


class NoMessages(Problem):
    """A subject that is no address for messages: of another provider than the one that sends them."""

    title = N_("Messages cannot go there")
    detail = N_("What {provider} calls you is no address for its messages. Nothing was changed.")
    todo = N_("Tell the operator: sign-in and messages have to belong to the same provider there.")


class AlreadyConnected(Problem):
    """A subject that stands for another account, or an account that has one of this provider."""

    title = N_("It is connected already")
    detail = N_("With another account here, or this account with another one of {provider}.")
    todo = N_("Disconnect the other one first.")


class LastWayIn(Problem):
    """The only way into an account without a password."""

    title = N_("This is your only way in")
    detail = N_("Your account has no password yet; without this connection you could not sign in any more.")
    todo = N_("Ask for a code and choose a password first.")


LABELS = {
    "identity.connected": N_("Sign-in elsewhere connected"),
    "identity.disconnected": N_("Sign-in elsewhere disconnected"),
    "field.provider": N_("signed in with"),
}
