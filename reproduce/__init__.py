"""Scripts that reproduce the papers, and what they share."""
