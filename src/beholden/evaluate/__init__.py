"""How good it is, measured: protocols, metrics with bounds, calibration, report."""
