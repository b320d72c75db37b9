"""``com.vmware.vapi.std.introspection.service``: which services there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim_fakes.vcenter.rest import errors
from hvsim_fakes.vcenter.rest.operations import Route, operation, services
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim_fakes.vcenter.rest.call import Call

SERVICE: Final = "com.vmware.vapi.std.introspection.service"
_PATH: Final = "/vapi/std/introspection/service"
_OLD: Final = "/com/vmware/vapi/std/introspection/service"


class Info(Structure):
    """The operations of a service."""

    vapi = "com.vmware.vapi.std.introspection.service.info"
    operations: list[str]


@operation(f"{SERVICE}.list", Route("GET", _PATH, old_path=_OLD), privilege="")
def list_services(call: Call) -> list[str]:
    """Return the services that this vCenter has."""
    del call
    return list(services())


@operation(
    f"{SERVICE}.get",
    Route("GET", f"{_PATH}/{{id}}", old_path=f"{_OLD}/id:{{id}}"),
    takes={"id": str},
    privilege="",
)
def get(call: Call, id: str) -> Info:
    """Return the operations of a service."""
    del call
    found = services().get(id)
    if found is None:
        code, text = "vapi.introspection.service.not_found", "Service %s not found"
        raise errors.error("not_found", code, text, id)
    return Info(operations=found)
