"""Accounts of those who run, check and approve things here, and their signatures."""
