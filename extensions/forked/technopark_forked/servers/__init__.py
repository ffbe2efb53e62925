"""The node's parent: forks a pupil's server, and the parent of its kernels, into a container.

Runs with capabilities, from the base image alone: nothing of a course's image or of a pupil's
home is ever imported or opened by it.
"""
