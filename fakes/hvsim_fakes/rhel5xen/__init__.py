"""RHEL5-Xen as it is reached: ``xm`` and ``virsh`` in a shell, and libvirt's remote protocol."""
