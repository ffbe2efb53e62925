"""JupyterHub's own pages in the park's words and looks; `jupyterhub.py` hands them to the hub."""
