"""`python -m technopark_forked.servers SOCKET`: the node's parent."""

from technopark_forked.servers.parent import main

main()
