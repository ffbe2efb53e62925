"""Kernels that run on a lease of the park's broker, beside local ones in one JupyterLab.

Imported by Jupyter Server at each start: it must stay light.
"""
