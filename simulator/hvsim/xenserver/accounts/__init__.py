"""Who may log in to a pool, how callers stay known, and what they may do."""
