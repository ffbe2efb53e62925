"""Whether the result of a test can be believed: controls made of it, and repeated runs of both.

Called for each test that is worth points. It guards against programs that only look right, and
never decides about points itself.
"""
