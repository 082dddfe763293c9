"""Floor 6: from a frozen market to the solver's numbers and back, as pure functions; no database, no clock."""
