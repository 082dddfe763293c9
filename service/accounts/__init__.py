"""Signing in: passwords, sessions, and the organisation that a session acts for."""
