"""Floor 3: places, organisations, people, roles and permissions, sign-in, social attributes and income."""
