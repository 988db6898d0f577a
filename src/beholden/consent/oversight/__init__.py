"""Oversight: who must agree, who is told, and what nobody may (design section 8)."""
