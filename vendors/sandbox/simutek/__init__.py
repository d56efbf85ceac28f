"""Simutek GKS: customers of a printing house, and sales orders nobody can read back."""

from vendors.sandbox.simutek.api import Simutek

__all__ = ["Simutek"]
