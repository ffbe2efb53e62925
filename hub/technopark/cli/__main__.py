"""`python -m technopark.cli`, as `./park` calls it."""

from technopark.cli import main

main()
