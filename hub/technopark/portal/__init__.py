"""The pages that people see; for now those of JupyterHub in the park's own words and looks."""
