"""Courses: what an author writes, checks and publishes, and what the park keeps of it."""
