"""`python -m technopark_grading.class_run NAME`: the process that grades a class."""

import gc
import sys

from technopark_grading.class_run.run import main

_LOOK_SELDOM = (50_000, 20, 20)

# All that is loaded stays: looking through it again and again was most of nbgrader's part.
gc.freeze()
gc.set_threshold(*_LOOK_SELDOM)
sys.exit(main())
