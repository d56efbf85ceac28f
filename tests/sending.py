"""Sending one transmission in a test's own thread, by the steps a carrier takes."""

from procurement.suppliers import gates
from procurement.transmissions.calling import call
from procurement.transmissions.claiming import claim
from procurement.transmissions.models import Transmission
from procurement.transmissions.recording import record


def transmit(*, transmission_id: int) -> None:
    """Carry one transmission to its vendor, if it is due and nobody else does."""
    transmission = (
        Transmission.objects.select_related("supplier__health")
        .filter(pk=transmission_id)
        .first()
    )
    if transmission is None or not gates.room(transmission.supplier, under_way=0):
        return
    for attempt in claim([transmission_id], waits=True):
        record([call(attempt)])
