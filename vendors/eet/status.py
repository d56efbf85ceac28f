"""EET order states: there are none to be had.

No call of the EET Customer API tells how an order is getting on: not its state,
not its deliveries, not its invoices. Confirmations reach the buyer by e-mail, and
a person records them.
"""

REASON = (
    "EET's API has no call for this; record what the order confirmation or the web "
    "shop says by hand."
)
