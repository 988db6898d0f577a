"""What a person takes away: signed receipts of what they agreed to, and everything that is held about them."""
