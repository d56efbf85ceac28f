"""How far goods have come, in one set of words for all vendors."""

from enum import StrEnum


class Fulfilment(StrEnum):
    """How far goods have come, in our words; a vendor's words are mapped onto it."""

    NONE = "none"
    CONFIRMED = "confirmed"
    PICKING = "picking"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
