"""The PynamoDB models, one module per kind of row."""
