"""Live cameras: from an address to frames, for months. Begin with `live.py`."""
