"""Seeds: one for the run, and from it one for every check, whatever else runs."""

import hashlib


def derive(seed: int, profile: str, check: str) -> int:
    """Return a check's own seed: 32 bits that depend on the run's seed and its name alone."""
    digest = hashlib.sha256(f"{seed}:{profile}:{check}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
