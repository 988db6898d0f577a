"""One file per group of commands; each parses, calls one use case, prints."""
