"""Grants: invited, accepted, enrolled, lived with, paused and withdrawn, each step logged before it happens."""
