"""The caretaker of a node of a Swarm: keeps the node's parent, and tells it who waits for a server.

Runs as a task of the park's global service, from the base image and as root on the node's engine:
it reads what the engine says and what its own command line says, and nothing of a pupil's.
"""
