"""Technopark: a city's learning environment on JupyterHub (the control plane)."""
