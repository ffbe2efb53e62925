"""What the park's services over HTTP have in common: who is asking, and how they say no.

Imported by `exchange` and `kernels`; knows nothing of what either of them does.
"""
