"""What others may want to hear of suppliers."""

from django.dispatch import Signal

names_changed = Signal()
"""The vendor's names or words mean something else now: `supplier`. Sent inside the
transaction that changes them."""
