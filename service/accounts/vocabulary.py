"""The words of the log that this floor adds."""

from service.kernel.i18n import N_

LABELS = {
    "session.named": N_("Named themselves on the shared phone"),
    "password.changed": N_("Password changed"),
    "password.chosen": N_("Password chosen with a code"),
    "access_code.issued": N_("Code to choose a password handed over"),
    "second_factor.added": N_("Authenticator app set up"),
    "second_factor.removed": N_("Authenticator app removed"),
    "recovery_code.used": N_("Recovery code used"),
    "recovery_codes.renewed": N_("Recovery codes renewed"),
    "pin.set": N_("PIN set"),
    "field.person": N_("person"),
    "field.account": N_("signed in as"),
    "field.api_key": N_("under the key"),
}
