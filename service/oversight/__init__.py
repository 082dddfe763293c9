"""Floor 12: what auditors look at: the event log in words, and the verification of its chain."""
