"""What is wrong now, over the API."""
