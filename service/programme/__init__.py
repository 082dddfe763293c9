"""Programme profiles: the weights that a provincial committee adopts by resolution, public and version by version."""
