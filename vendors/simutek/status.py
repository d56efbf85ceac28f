"""Simutek order states: there are none to be had.

The API takes orders and tells nothing of them afterwards: no call reads an order, its
state, its deliveries or its invoices. Even the order number proves only that GKS got
the order, not that the supplier agrees to price and day. GKS e-mails an order
confirmation, in the language of the option `language_code`, and a person records it.
"""

NOT_FOLLOWED = (
    "Simutek's API can't read an order. Record by hand what the e-mailed order "
    "confirmation, the delivery note and the invoice say; they carry our order number."
)

NOT_LOOKED_UP = (
    "Simutek's API can't look an order up. Ask the supplier, quoting our order number: "
    "in GKS it is the purchase order number and stands in the order's title. Don't "
    "send the order again before the answer is there; a second one may start a second "
    "production at once."
)

NOT_CANCELLED = (
    "Simutek's API can't cancel an order. Call the supplier at once, quoting its order "
    "number and ours; production may have begun when the order arrived. Then record "
    "what was agreed."
)
