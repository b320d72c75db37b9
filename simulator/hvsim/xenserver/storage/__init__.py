"""Storage repositories, virtual disks, and the devices by which guests use them."""
