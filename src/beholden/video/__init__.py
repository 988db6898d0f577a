"""Moving pictures: from files to frames, and from frames to covered pictures, the only ones that leave."""
