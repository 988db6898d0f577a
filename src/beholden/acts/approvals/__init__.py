"""What one credential alone cannot do: asked for, approved, done once; and the glass to break."""
