"""What the API's document shows as examples, one module for each kind of row."""
