"""Floor 7: rounds, their frozen markets, runs of the solver, awards and the links that open them."""
