"""Faults of what the house stands on: outside embeddings, the index, the database, the disk."""
