"""Real clients, a file each: how they are installed, started, told of a peer, and how
they say that they serve."""
