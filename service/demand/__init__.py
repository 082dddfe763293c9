"""Floor 5: what institutions need: budget lines, demands with their lines, approval of the total."""
