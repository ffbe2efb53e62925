"""What browsers download, the same for all: taken out of the images once, served at one address.

`machine` gathers the files and starts the front, `spawner` tells a server where they are. Nothing
of a person may ever be among them: they come from images alone, and anybody may read them.
"""
