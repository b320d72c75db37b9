"""vCenter Server and the ESX hosts, clusters and virtual machines it manages."""
