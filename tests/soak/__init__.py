"""The long runs, short: what they measure, and that they notice what they are there to notice."""
