"""The fair line: who is next, on which device, for how long, and when the others may hope.

Pure rules without clock, store or engine, called by the broker (`granting`, `bookkeeping`) and by
the simulated days of the bench. They never start, end or remember anything.
"""
