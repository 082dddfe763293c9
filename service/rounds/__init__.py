"""Floor 7: programme profiles, rounds, snapshots, runs of the solver, review, awards, reasons and replays."""
