"""The one table of personal data: the public page is written from it, and the nightly deletion obeys it."""

from dataclasses import dataclass
from datetime import timedelta

from service.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of personal data: what, why, on which ground, who sees it, and for how long it stays."""

    code: str
    title: str
    what: str
    why: str
    ground: str
    seen_by: str
    kept: str  # with {days} where a day ends it
    days: int | None = None

    @property
    def period(self) -> timedelta | None:
        """How long it stays after its time is over; None: as long as the record itself."""
        return None if self.days is None else timedelta(days=self.days)


TASK = N_("Task in the public interest: public money must be accounted for.")
CONTRACT = N_("Agreement to take part in the market.")
LAW = N_("Legal obligation to keep a verifiable record.")
INTEREST = N_("Legitimate interest: a safe service.")

KINDS = (
    Kind("account", N_("Your account"),
         N_("Your name as others see it, user name, the roles that you hold, and a one-way hash of your password."),
         N_("So that only people with a role act, and everybody knows who acted."), CONTRACT,
         N_("Those who manage your organisation's people; your name also beside what you did."),
         N_("Made anonymous {days} days after your last role has ended."), 730),
    Kind("sign_in", N_("Signing in"),
         N_("When sign-ins began and ended, and the kind of device. Authenticator, recovery codes, PIN and the "
            "connection with another service are stored encrypted or as one-way marks and end with the account."),
         N_("So that you can see and end your sign-ins, and stolen passwords do not suffice."), INTEREST,
         N_("Only you."), N_("Deleted {days} days after the sign-in ended."), 90),
    Kind("codes", N_("One-time codes"), N_("One-way hashes of codes with which an officer lets you in again."),
         N_("So that a lost password can be replaced."), INTEREST, N_("Nobody."),
         N_("Deleted {days} days after they ran out."), 30),
    Kind("links", N_("Links that answer an award"),
         N_("To whom a link was sent, and one-way hashes of it and its code."),
         N_("So that a group's leader can answer from a message."), CONTRACT, N_("Nobody."),
         N_("Deleted thirty days after the time to answer is over.")),
    Kind("device", N_("What your own phone keeps"),
         N_("Your group's day and awards as you last saw them, and answers that could not be sent yet. Never a PIN."),
         N_("So that the market works without a network."), CONTRACT, N_("Only who holds the phone."),
         N_("Until you sign out, or somebody else signs in.")),
    Kind("keys", N_("Keys of programs"), N_("The name, scope and last use of keys that you made for programs."),
         N_("So that programs act in your name only as far as you allow."), CONTRACT, N_("Only you."),
         N_("Deleted {days} days after they ended."), 365),
    Kind("contact", N_("Contact of an organisation"),
         N_("Name, telephone and e-mail of the person to call, stored encrypted."),
         N_("So that kitchens, groups and the provincial company can reach each other."), CONTRACT,
         N_("The organisation itself, those with an order between them, its provincial company and service centre, "
            "auditors, the operator."),
         N_("Kept while the organisation takes part; deleted {days} days after it was refused."), 365),
    Kind("household", N_("Household and its tier"),
         N_("A keyed mark in place of the 13-digit number, which is never stored; the tier, the agency that attested "
            "it, and until when it counts."),
         N_("So that work by poor households raises their group in the allocation."), TASK,
         N_("The agency that attests; the tier also the group. Everybody else sees the group's shares, never a "
            "household."),
         N_("Deleted {days} days after the tier ran out."), 365),
    Kind("roster", N_("Labour days in a group"),
         N_("Which household worked how many days in a period, under the group's own member number."),
         N_("So that the share of labour by poor households can be attested."), TASK,
         N_("The leader of the group and the one agency that the group named."),
         N_("Deleted {days} days after the end of the period; the group's attested shares stay."), 730),
    Kind("notices", N_("Notices"),
         N_("What you were told, stored encrypted, and by which channel with how many tries. Codes and links that let "
            "you in are deleted as soon as they are sent."),
         N_("So that you hear in time what needs you, and can look it up."), CONTRACT,
         N_("Only you; administrators see that something was sent, not where to or what."),
         N_("Deleted after {days} days."), 180),
    Kind("notice_addresses", N_("Addresses for notices"),
         N_("E-mail, mobile number and LINE user id that you enter for notices, stored encrypted, and your quiet "
            "hours."),
         N_("So that notices reach you where you want them."), CONTRACT, N_("Only you, and in part."),
         N_("Until you remove them or your account ends; {days} days if you never confirmed them."), 7),
    Kind("answers", N_("Repeated requests"), N_("The answer to a step that you sent, and a keyed mark of the request."),
         N_("So that a double click or a lost connection does nothing twice."), INTEREST, N_("Only you."),
         N_("Deleted after {days} days."), 7),
    Kind("cookies", N_("Cookies"),
         N_("One for your sign-in and one for your language. No cookie follows you, and no other site is told."),
         N_("So that you stay signed in and read your language."), INTEREST, N_("Only you."),
         N_("The sign-in's ends with it; the language's after {days} days."), 365),
    Kind("record", N_("The record of what was done"),
         N_("Who did what for which organisation and when. People stand in it by a reference only: once an account is "
            "anonymous, the reference leads to no name."),
         N_("So that anyone can check that nothing was bent afterwards."), LAW,
         N_("Auditors of the province and the nation."), N_("For as long as the record exists.")),
)  # fmt: skip
BY_CODE = {kind.code: kind for kind in KINDS}
