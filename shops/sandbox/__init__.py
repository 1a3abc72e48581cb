"""A stand-in for the marketplaces over HTTP, for demo and tests; it shares no code with the product it tests."""
