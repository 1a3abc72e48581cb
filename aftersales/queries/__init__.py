"""What screens and the API read about returns, refunds and cancellations."""
