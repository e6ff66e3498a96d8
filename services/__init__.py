"""The platform's web services: one package each, what they have in common in `shared`."""
