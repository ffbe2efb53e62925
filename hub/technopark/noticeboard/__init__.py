"""What the park tells of itself: its modules, its courses, and what goes on in it.

Events, research tasks, projects and demand for specialists are posted by curators and admins and
joined by pupils (`postings`, `taking_part`), searched (`search`), and fed into calendars (`feeds`).
"""
