"""The flow from frame to event: start reading at `stages`."""
