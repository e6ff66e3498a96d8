"""Which implementation is live: one file per entity, one import line each."""
