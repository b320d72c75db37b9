"""How a pool's rows are made of what a scenario says."""
