"""High availability: its plan, its daemon, and what it does when a host dies."""
