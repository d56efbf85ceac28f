"""Extend Commerce REST API, in the role of a supplier who runs it."""

from vendors.sandbox.extend.api import Extend

__all__ = ["Extend"]
