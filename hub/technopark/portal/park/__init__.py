"""The pages about the park: modules, courses, what goes on, and calendar feeds of it.

Whoever wants may read them, parents too, without signing in; joining and posting need it.
"""
