"""What a person takes away: receipts, everything held, a history of their own, the keys to their leaves."""
