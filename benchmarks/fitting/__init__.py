"""Fits the parameters of importance: `benchmarks/fit_importance.py`."""
