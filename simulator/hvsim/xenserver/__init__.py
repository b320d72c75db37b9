"""The Citrix XenServer product: pools, hosts, guests in XenAPI vocabulary."""
