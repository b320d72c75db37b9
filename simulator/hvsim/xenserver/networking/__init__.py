"""Networks, the interfaces of hosts, and those of guests."""
