"""Databases of earlier releases, and what the present code makes of them."""
