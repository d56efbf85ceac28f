"""Simutek articles, prices and stock: there are none to be had.

What a printing house makes is made to order, and no call of the API tells of articles,
prices or stock. The price of an order line is the one agreed with the supplier; it goes
out with the order.
"""

NO_OFFERS = (
    "Simutek's API tells no prices and no stock. Enter the price of the supplier's "
    "quotation at the order line; it goes out with the order."
)

NO_ARTICLES = (
    "Simutek's API tells nothing of articles; the supplier gives their numbers."
)

NO_STOCK = "Simutek's API tells nothing of stock; ask the supplier for a delivery day."
