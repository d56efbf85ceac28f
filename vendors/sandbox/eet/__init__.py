"""EET Customer API: log in, ask for products, place orders; nothing to look up."""

from vendors.sandbox.eet.api import Eet

__all__ = ["Eet"]
