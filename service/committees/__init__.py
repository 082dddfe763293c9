"""Floor 4: who inspects what is bought: the rule by value, method and day, the seats, and whether they may stand."""
