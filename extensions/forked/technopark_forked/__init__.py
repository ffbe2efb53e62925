"""Servers and kernels forked from processes that have everything imported already.

`servers` is the node's parent, which is trusted and forks into pupils' containers; `kernels` is
an unprivileged one inside a container. Installed in both environments of the base image.
"""
