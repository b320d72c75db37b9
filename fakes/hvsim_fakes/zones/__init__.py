"""Hosts with zones as they answer over SSH: their commands, word for word."""
