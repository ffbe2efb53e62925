"""What the docker and browser tests share: a park of their own, and visitors at its door."""
