"""Tinker's states in our words, by the table of the mapping."""

from collections.abc import Mapping

from vendors.contracts import Fulfilment


def fulfilment(word: str, names: Mapping[str, str]) -> Fulfilment | None:
    """Return how far an order is; None for a word nobody has explained."""
    found = names.get(f"order_status.{word}", "")
    return Fulfilment(found) if found in tuple(Fulfilment) else None
