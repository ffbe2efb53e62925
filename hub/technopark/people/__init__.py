"""Sites, classrooms, rosters and roles, and what they allow (`rights`)."""
