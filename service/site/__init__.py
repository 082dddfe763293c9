"""Floor 14: the first page, what to do next for each role, health, and the pages of problems."""
