"""Deliberately wrong implementations, and the matrix of which check catches which."""
