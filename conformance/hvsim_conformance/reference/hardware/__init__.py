"""The reference manager's part for physical servers: spares, and images of host disks."""
