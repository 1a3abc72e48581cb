"""The addresses of orders, products, parcels and money, one module for each."""
