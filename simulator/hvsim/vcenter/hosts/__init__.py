"""What the managers of an ESX host do: services, networks, options, storage and settings."""
