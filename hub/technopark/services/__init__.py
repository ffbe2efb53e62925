"""What the park's services over HTTP have in common: who is asking, and how they say no.

Imported by `exchange`, `kernels`, `bell` and `portal`; knows nothing of what any of them does.
"""
