"""Pupils' servers: `classroom` says what one is, `in_line` when it may start, `container` how.

JupyterHub calls `classroom.ClassroomSpawner`; each of the three rests on the next.
"""
