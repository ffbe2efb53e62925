"""The portal's classrooms: lists, a classroom's pages, joining by a code, people who move on.

Mounted by `portal.app`. All that is written goes through `people`.
"""
