"""What anybody can reach, by the catalogue: nothing of somebody else's may come out of it."""
