"""The group's first screen, links that answer one award, and what works without a network."""
