"""`python -m technopark_forked.nodes ORDERS`: the caretaker of this node."""

from technopark_forked.nodes.caretaker import main

main()
