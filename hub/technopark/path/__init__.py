"""A pupil's path and portfolio: courses, skills, what could come next; works, consents, letters.

Called by the portal's pages; `safety` saves and deletes what is kept here. Whoever is no pupil's
teacher sees of a pupil only what the pupil shows and a parent agreed to (docs/portfolio.md).
"""
