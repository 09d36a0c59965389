"""What people would use instead: one file a peer, each with the same task and the same methods."""
