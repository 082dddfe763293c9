"""What the log says of comparisons."""

from service.kernel.i18n import N_

LABELS = {
    "comparison.asked": N_("Comparison of preferences asked for"),
    "comparison.finished": N_("Comparison of preferences finished"),
    "comparison.failed": N_("Comparison of preferences failed"),
}
