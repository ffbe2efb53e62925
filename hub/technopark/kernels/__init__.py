"""The broker: leases of kernels that run elsewhere, and the fair line for them.

A service of its own (`python -m technopark.kernels`), called over HTTP by `technopark_kernels` and
`technopark_grading` in the images. The only service beside the hub that has an engine.
"""
