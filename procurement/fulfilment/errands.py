"""Polls as errands: carriers make them, beside the sends."""

from functools import partial

from procurement.fulfilment.polling import (
    are_polls_due,
    claim_due_polls,
    poll_if_due,
)
from procurement.transmissions.errands import Errand, Source


def _claim(limit: int) -> list[Errand]:
    return [
        Errand("A poll", supplier_id, partial(poll_if_due, supplier_id=supplier_id))
        for supplier_id in claim_due_polls(limit)
    ]


POLLS = Source(claim=_claim, is_due=are_polls_due)
