"""Programs of random calls on control, candidate and a model in memory, all in step."""
