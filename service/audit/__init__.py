"""Floor 8: how rounds are worked, shown and audited: the desk, scenarios, map, reasons in words."""
