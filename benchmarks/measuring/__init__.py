"""What every benchmark shares: the machine's description, rounds in turn, the look of pictures."""
