"""Guardians' grants: asked for, agreed to, seen by an outside approver, refused, disputed, and ended by majority."""
