"""Facts that differ from one XenServer release to the next and are not in the data model."""

from __future__ import annotations

from typing import Final

ROLES: Final = {
    "pool-admin": "Full access, including user and role management",
    "pool-operator": "Pool-wide administration without user management",
    "vm-power-admin": "Creation and management of guests, and control of their power and place",
    "vm-admin": "Creation and management of guests",
    "vm-operator": "Basic life-cycle operations on guests",
    "read-only": "Sees everything, changes nothing",
}
"""RBAC roles from most to least powerful; releases since 5.6 have them."""

SOFTWARE: Final[dict[str, dict[str, str]]] = {
    "xenserver-5.5": {
        "product_version": "5.5.0",
        "product_brand": "XenServer",
        "build_number": "15119p",
        "xen": "3.3.1",
        "linux": "2.6.18-128.1.6.el5.xs5.5.0.496.1012xen",
        "xapi": "1.3",
        "platform_name": "XCP",
    },
    "xenserver-8": {
        "product_version": "8.4.0",
        "product_version_text": "8",
        "product_version_text_short": "8",
        "product_brand": "XenServer",
        "platform_name": "XCP",
        "platform_version": "3.4.0",
        "build_number": "cloud",
        "xen": "4.17.5",
        "linux": "4.19.0+1",
        "xapi": "26.1",
        "xapi_build": "26.1.0",
    },
}
"""``host.software_version`` by profile (keys that clients read)."""

PV_DRIVERS: Final[dict[str, dict[str, str]]] = {
    "xenserver-5.5": {"major": "5", "minor": "5", "micro": "0", "build": "15119"},
    "xenserver-8": {"major": "9", "minor": "4", "micro": "0", "build": "146"},
}
"""``VM_guest_metrics.PV_drivers_version`` of up-to-date drivers by profile."""
