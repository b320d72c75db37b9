"""Red Hat Enterprise Linux 5 Xen: hosts that know nothing of each other, driven by xend."""
