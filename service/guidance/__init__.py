"""Floor 8: why and why not in plain words for the group itself, what to do about it, and help with its price."""
