"""Which member is the pool's master, and how members start, leave and change masters."""
