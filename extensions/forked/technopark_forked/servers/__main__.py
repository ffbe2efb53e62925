"""`python -m technopark_forked.servers FOLDER PROGRAM [PROGRAM...]`: the node's parent."""

from technopark_forked.servers.parent import run

run()
