"""The reference manager's part for Red Hat Enterprise Linux 5 Xen."""
