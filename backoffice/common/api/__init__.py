"""What every address of the API is made of: one error shape, paging by position, permissions, strict parameters."""
