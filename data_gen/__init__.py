"""TFDS builders for synthetic tables and execution traces."""
