"""Workers that look at cameras, and the parent that starts them again. Begin with `supervisor.py` and `worker.py`."""
