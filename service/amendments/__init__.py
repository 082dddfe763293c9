"""Floor 5: other quantities after the approval and before the cut-off."""
