"""Floor 1: documents to print and to keep, as PDF: templates and what sets them."""
