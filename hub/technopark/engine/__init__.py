"""The only code that talks to Docker. Nothing here knows pupils, courses or classrooms."""
