"""How many cameras a machine carries, and how many machines some cameras need: arithmetic on what was measured."""
