"""Facts on their way into the log, and what opens them."""
