"""Package numbers over the API: how far the asking is, its tasks, and asking at once."""
