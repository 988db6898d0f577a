"""The keeper of a data folder, and the ways to it. Begin with `keeper.py` and `acting.py`."""
