"""Processes that run for months: the keeper of a data folder, the workers with its cameras, and who restarts them."""
