"""Floor 4: what a dish is made of, and what its ingredients are bought as; tables of both."""
