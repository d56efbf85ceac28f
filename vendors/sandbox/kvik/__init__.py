"""Kvik Shop's Customer API: products, orders, their list, and logins of customers."""

from vendors.sandbox.kvik.api import Kvik

__all__ = ["Kvik"]
