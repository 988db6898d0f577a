"""Sightings while they live, incidents that two people keep, and counts without anybody in them."""
