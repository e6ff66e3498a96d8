"""Measures the DAOs: the archived and the new ones, in one process, over canned answers."""
