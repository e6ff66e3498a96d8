"""The assets that can be traded."""
