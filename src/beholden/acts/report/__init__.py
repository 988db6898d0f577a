"""A week of this installation, told to everybody in counts with nobody in them."""
