"""Floor 3: places, organisations, permissions, social attributes and income."""
