"""The releases: what each has by way of brands, templates and properties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Release:
    """A release of the product.

    Attributes:
        brand: of zones made from the default template; ``brands`` those installed.
        global_brand: what the global zone is listed with.
        template, blank: names of the default and of the empty template; ``templates`` all.
        reserved: how no zone's name may begin.
        properties: of a zone as a whole, in the order in which they are shown.
        resources: kinds of resources, in that order.
        title: first line of ``/etc/release``.
        zonepath: what ``create`` suggests; ``%`` stands for the zone's name.
    """

    profile: str
    brand: str
    brands: tuple[str, ...]
    global_brand: str
    template: str
    blank: str
    templates: tuple[str, ...]
    reserved: tuple[str, ...]
    properties: tuple[str, ...]
    resources: tuple[str, ...]
    title: str
    zonepath: str = ""


_COMMON = (
    "zonename",
    "zonepath",
    "brand",
    "autoboot",
    "bootargs",
    "pool",
    "limitpriv",
    "scheduling-class",
    "ip-type",
    "hostid",
)
_LIMITS = ("dedicated-cpu", "capped-cpu", "capped-memory", "attr", "dataset", "rctl")

RELEASES: Final = {
    release.profile: release
    for release in (
        Release(
            profile="solaris-10",
            brand="native",
            brands=("native", "cluster", "lx", "solaris8", "solaris9"),
            global_brand="native",
            template="SUNWdefault",
            blank="SUNWblank",
            templates=("SUNWdefault", "SUNWblank", "SUNWlx", "SUNWsolaris8", "SUNWsolaris9"),
            reserved=("SUNW",),
            properties=_COMMON,
            resources=("inherit-pkg-dir", "fs", "net", "device", *_LIMITS),
            title=f"{'Oracle Solaris 10 1/13 s10x_u11wos_24a X86':>61}",
        ),
        Release(
            profile="solaris-11",
            brand="solaris",
            brands=("solaris", "solaris10"),
            global_brand="solaris",
            template="SYSdefault",
            blank="SYSblank",
            templates=("SYSdefault", "SYSblank", "SYSdefault-shared-ip", "SYSsolaris10"),
            reserved=("SUNW", "SYS"),
            properties=(*_COMMON, "fs-allowed"),
            resources=("fs", "net", "anet", "device", *_LIMITS, "admin"),
            title=f"{'Oracle Solaris 11.3 X86':>52}",
            zonepath="/system/zones/%",
        ),
        Release(
            profile="omnios",
            brand="lipkg",
            brands=("lipkg", "ipkg", "sparse", "illumos", "pkgsrc", "lx"),
            global_brand="ipkg",
            template="SUNWdefault",
            blank="SUNWblank",
            templates=("SUNWdefault", "SUNWblank", "SUNWipkg", "SUNWlx"),
            reserved=("SUNW",),
            properties=(*_COMMON, "fs-allowed"),
            resources=("fs", "net", "device", *_LIMITS, "admin"),
            title="  OmniOS v11 r151046",
        ),
    )
}
