"""How orders, products, parcels and money are shown over the API, one module for each."""
