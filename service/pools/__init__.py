"""Floor 5: kitchens of a district agree on products, days and terms; each keeps its own demand, budget and contract."""
