"""The pages that people see: the portal (a service of its own), and JupyterHub's own in `hub`.

Only `jupyterhub.py` imports from here, and of it `hub` alone; the portal is a process beside it.
"""
