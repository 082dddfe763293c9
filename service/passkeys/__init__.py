"""Passkeys: a phone or key that vouches for its owner, instead of password and code."""
