"""Floor 9: what a group earns: ordered, due and paid by month and buyer, and statements that it may show."""
