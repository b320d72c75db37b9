"""Solaris containers: hosts with zones, as Solaris 10, Solaris 11 and OmniOS keep them."""
