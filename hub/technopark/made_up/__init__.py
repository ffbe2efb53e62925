"""Made-up people: a whole city for trying the park, for tests and for benches, from one seed.

`city.city` thinks it up and touches nothing; `fill.fill` writes it into an empty park. Nobody in it
is a real person, and a park with real people never gets it.
"""
