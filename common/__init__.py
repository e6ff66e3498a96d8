"""Packages that the services of the platform share."""
