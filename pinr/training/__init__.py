"""Training: from a problem and a network to a solution."""
