"""How people sign in: JupyterHub authenticators over the park's people."""
