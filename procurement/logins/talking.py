"""Talking to a shop about a customer's login."""

from collections.abc import Iterator
from contextlib import contextmanager

from procurement.logins.recording import reference
from procurement.suppliers.conversations import Conversation
from procurement.suppliers.models import Supplier


@contextmanager
def login_conversation(supplier: Supplier, customer_id: int) -> Iterator[Conversation]:
    """Talk outside any transaction; what was said is kept, secrets masked.

    How it goes is not noted as the supplier's health, as it is for other calls: a
    customer's refused code says nothing of our own account, and must not hold the
    orders there.
    """
    talk = Conversation(supplier, subject=reference(customer_id))
    try:
        with talk.open():
            yield talk
    finally:
        talk.save()
