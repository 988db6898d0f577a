"""How the schema came to be, one step per file in `versions`; run by `storage.engine`, never by hand."""

VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every step in order: the last is what this version of Beholden reads, a database of any other is newer."""
