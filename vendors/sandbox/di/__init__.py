"""DI Shop API: log in, create a shop, update a shop; nothing can be read back."""

from vendors.sandbox.di.api import Di

__all__ = ["Di"]
