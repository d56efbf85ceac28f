"""States at DI: there are none to be had.

The Shop API has no call to read, list or look up a shop, and a shop has no status.
What we last sent and DI accepted is all that is known.
"""

NO_ORDERS = (
    "DI carries parcels and registers web shops; its Shop API takes no purchase orders."
)
NO_READING = (
    "DI's Shop API has no call to read anything back; ask DI about a shop by owner "
    "party, organisation number and legal name."
)
