"""Programs that clients bring along, run where nothing but their simulated host is within reach."""
