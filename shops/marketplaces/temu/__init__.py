"""Temu, Partner API of the areas US, EU and GLOBAL: shops that sell locally, and the orders of cross-border ones."""
