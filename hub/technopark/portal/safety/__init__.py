"""The portal's pages of children's data: who saw and changed what; all of one person; deletion.

Mounted by `portal.app`; for the admins of sites and of the park. What is asked for here is carried
out by the park's process `safety`.
"""
