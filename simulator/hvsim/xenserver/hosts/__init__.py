"""Hosts: their services, heartbeats, figures, and what may be done to them."""
