"""Tools of the repository: what a person or CI runs around the platform and the harness."""
