"""The life of guests: power, moves, snapshots, memory, and what each state allows."""
