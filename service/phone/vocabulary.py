"""The words of the log that this floor adds."""

from service.kernel.i18n import N_

LABELS = {
    "answer_link.closed": N_("Link closed after wrong codes"),
    "answer_link.code_sent": N_("New code sent for a link"),
    "field.channel": N_("by"),
    "link and code": N_("a link and its code"),
    "link and PIN": N_("a link and a PIN"),
    "link": N_("a link"),
}
