"""Floor 5: what groups ask about a demand without being named, and what its kitchen answers to everyone."""
