"""Face recognition for camera networks that answers to the people it sees."""
