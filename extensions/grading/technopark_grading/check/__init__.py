"""The proof, before a course is published, that it grades as its author means.

`python -m technopark_grading.check FOLDER` gives it, inside the course's grader image. It never
touches a classroom.
"""
