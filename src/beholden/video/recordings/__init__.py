"""Covered timelines: written in fragments, kept within a quota, played by time."""
