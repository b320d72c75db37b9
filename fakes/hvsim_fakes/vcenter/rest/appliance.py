"""``com.vmware.appliance.system.version``: which vCenter Server it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter.server import SERVICE_INSTANCE
from hvsim.vcenter.values import date_at
from hvsim_fakes.vcenter.rest import writing
from hvsim_fakes.vcenter.rest.operations import operation, reading
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim.vcenter.values import Data
    from hvsim_fakes.vcenter.rest.call import Call

SERVICE: Final = "com.vmware.appliance.system.version"
_RELEASED: Final = {"24022515": "June 25, 2024"}
"""Dates of releases by build."""


class Version(Structure):
    """The version of a vCenter Server."""

    vapi = "com.vmware.appliance.system.version.version_struct"
    version: str
    product: str
    build: str
    type: str
    summary: str
    releasedate: str
    install_time: str
    name: str | None = None


@operation(f"{SERVICE}.get", reading("/appliance/system/version"), is_global=True)
def get(call: Call) -> Version:
    """Return the version."""
    about: Data = call.store.value(SERVICE_INSTANCE, "content.about")
    return Version(
        version=f"{about['version']}.00000",
        product=about["name"],
        build=about["build"],
        type="vCenter Server with an embedded Platform Services Controller",
        summary=about["fullName"],
        releasedate=_RELEASED.get(about["build"], ""),
        install_time=writing.scalar(date_at(0.0)),
    )
