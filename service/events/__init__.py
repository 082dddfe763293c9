"""Floor 2: the append-only, hash-chained log of who did what, for whom and why."""
