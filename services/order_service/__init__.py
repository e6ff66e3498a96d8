"""Orders, and the holdings that they make."""
