"""`python -m technopark_grading.check FOLDER`: called by `technopark course check`."""

import sys

from technopark_grading.check.course import main

sys.exit(main())
