"""The reference manager's part for VMware, built on pyVmomi."""
