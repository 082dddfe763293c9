"""Overrides: what a facilitator decides by hand before a proposal, for a coded reason, and what it costs."""
