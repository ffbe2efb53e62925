"""What a pupil's server tells the page of the class: notebook, task, tests, error, raised hand.

`watching` looks at the kernels' replies, `at_work` makes sense of them, `reporting` sends it on.
Nothing that the pupil wrote leaves the server.
"""
