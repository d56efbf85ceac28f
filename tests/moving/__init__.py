"""Backups, restores and moves: small ones as tests, large ones by `make moving`."""
