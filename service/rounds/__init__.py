"""Floor 6: programme profiles, rounds, runs of the solver, awards; the one door to the solver."""
