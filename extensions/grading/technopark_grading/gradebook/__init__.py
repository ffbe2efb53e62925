"""The classroom's gradebook: opening it, the pupils in it, the table of marks taken from it.

Used by grading, by nbgrader's commands and by the server's pages. Points are written by nbgrader
alone.
"""
