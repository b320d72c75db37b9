"""The profiles: product releases that a lab can show, and the behaviours each chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hvsim.behaviours import Behaviour, all_of


@dataclass(frozen=True, slots=True)
class Profile:
    """A release of a product.

    Attributes:
        name: what scenarios call it.
        product: whose behaviours it chooses from.
        title: the release as its maker calls it.
        modelled: whether this version of hvsim simulates the product.
    """

    name: str
    product: str
    title: str
    modelled: bool = False

    @property
    def behaviours(self) -> list[Behaviour]:
        """The behaviours it shows."""
        return [known for known in all_of(self.product) if self.name in known.profiles]


PROFILES: Final[dict[str, Profile]] = {
    profile.name: profile
    for profile in (
        Profile("vsphere-4", "vsphere", "VMware vSphere 4 with vCenter Server 4", modelled=True),
        Profile("vsphere-8", "vsphere", "VMware vSphere 8 with vCenter Server 8", modelled=True),
        Profile("scvmm-2008r2", "scvmm", "Hyper-V with System Center VMM 2008 R2", modelled=True),
        Profile("scvmm-2012r2", "scvmm", "Hyper-V with System Center VMM 2012 R2", modelled=True),
        Profile("scvmm-2019", "scvmm", "Hyper-V with System Center VMM 2019", modelled=True),
        Profile("xenserver-5.5", "xenserver", "Citrix XenServer 5.5", modelled=True),
        Profile("xenserver-8", "xenserver", "XenServer 8", modelled=True),
        Profile("rhel5-xen", "rhel5xen", "Red Hat Enterprise Linux 5 Xen", modelled=True),
        Profile("solaris-10", "zones", "Solaris 10 containers", modelled=True),
        Profile("solaris-11", "zones", "Oracle Solaris 11 zones", modelled=True),
        Profile("omnios", "zones", "OmniOS zones", modelled=True),
    )
}
"""Every profile by name; those not modelled yet choose from no behaviour yet."""


def profiles_of(product: str) -> list[Profile]:
    """Return a product's profiles, oldest release first."""
    return [profile for profile in PROFILES.values() if profile.product == product]
