"""The line before every start: who is next, how many at a time, and how long the others wait.

Called by the spawner, which asks for a turn before each start, and by the pages, which show who
stands where. It starts and stops nothing itself; docs/admission.md explains the rules.
"""
