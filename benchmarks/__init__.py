"""Benchmarks: what the documentation claims about speed and quality, measured again by `make bench`."""
