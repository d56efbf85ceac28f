"""Products at DI: there are none. It registers web shops and carries parcels."""

NO_PRODUCTS = "DI sells no goods; its Shop API has no products, prices or stock."
