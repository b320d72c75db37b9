"""The reference manager's part for Citrix XenServer, on the XenAPI SDK."""
