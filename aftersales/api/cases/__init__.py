"""Cases over the API: reading them, acting on them, making them, and keeping them in step with other systems."""
