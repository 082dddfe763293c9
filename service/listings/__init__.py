"""Floor 5: what groups offer: listings with price, grade, certificates, lots, minimum, pack and reach."""
