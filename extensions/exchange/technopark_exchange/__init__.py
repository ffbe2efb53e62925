"""nbgrader's exchange over HTTP: what a pupil's and a teacher's server use to reach the park's."""
