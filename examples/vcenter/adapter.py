"""A small manager of vCenters, and of ESX hosts by themselves, on pyVmomi.

It is plugged into the conformance suite by JSON lines (one message a line on stdin, exactly one
answer a line on stdout) and needs nothing of hvsim:

    hvsim conform --product vmware --adapter-cmd 'python3 examples/vcenter/adapter.py'
"""

import contextlib
import json
import sys
from typing import Any
from urllib.parse import urlsplit

from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask
from pyVmomi import vim, vmodl

CLAIMS = {"name": "vCenter example", "version": "1", "products": ["vmware"]}
GRADES = {"yellow": "warning", "red": "error"}


class RefusedError(Exception):
    """A rule of the manager's forbids the operation; `args` are reason and detail."""


class Endpoint:
    """One registered address: a vCenter, or a host that answers for itself."""

    def __init__(self, address: str, credentials: dict[str, str]) -> None:
        self.place = urlsplit(address)
        self.credentials = credentials
        self.service: Any = None
        self.hosts: dict[str, Any] = {}
        self.guests: dict[str, Any] = {}

    def connect(self) -> Any:
        """Return the service content; a session that is gone is opened anew."""
        if self.service is None:
            self.service = SmartConnect(
                protocol=self.place.scheme,
                host=self.place.hostname,
                port=self.place.port,
                user=self.credentials["username"],
                pwd=self.credentials["password"],
                disableSslCertValidation=True,
            )
        return self.service.content

    @property
    def managed(self) -> bool:
        """Whether it is a vCenter that answers."""
        return self.connect().about.apiType == "VirtualCenter"

    def all_of(self, kind: Any) -> list[Any]:
        """Return every object of a type."""
        content = self.connect()
        view = content.viewManager.CreateContainerView(content.rootFolder, [kind], True)
        try:
            return list(view.view)
        finally:
            view.Destroy()

    def refresh(self) -> None:
        """Read everything; of an endpoint that does not answer, nothing known stays certain."""
        try:
            hosts = self.all_of(vim.HostSystem)
            machines = self.all_of(vim.VirtualMachine)
            self.hosts = {self.known_as(host): (host, self.host_row(host)) for host in hosts}
            rows = [(vm, self.guest_row(vm)) for vm in machines if not vm.config.template]
            self.guests = {row["id"]: (vm, row) for vm, row in rows}
        except (OSError, vmodl.MethodFault):
            self.service = None
            for _, row in (*self.hosts.values(), *self.guests.values()):
                row["status"] = "unknown"

    def known_as(self, host: Any) -> str:
        """Return a host's id: all that answer for themselves call themselves alike."""
        moid = host._moId  # noqa: SLF001 - pyVmomi has no other name for it
        return moid if self.managed else f"{moid}@{self.place.hostname}"

    def host_row(self, host: Any) -> dict[str, Any]:
        """Return a host as the suite wants it."""
        well = host.runtime.connectionState == "connected"
        return {
            "id": self.known_as(host),
            "name": host.name,
            "product": "vmware",
            "pool": host.parent.name if self.managed else None,
            "status": "normal" if well else "unknown",
            "in_maintenance": host.runtime.inMaintenanceMode,
        }

    def guest_row(self, vm: Any) -> dict[str, Any]:
        """Return a guest as the suite wants it."""
        return {
            "id": vm.config.instanceUuid,
            "display_name": vm.guest.hostName or vm.name,
            "host": self.known_as(vm.runtime.host),
            "status": self.status(vm),
            "product": "vmware",
            "native_id": vm.config.instanceUuid,
        }

    def status(self, vm: Any) -> str:
        """Return a guest's state; only a vCenter grades how well one that runs is."""
        if vm.runtime.connectionState != "connected":
            return "unknown"
        if vm.runtime.powerState == "poweredOn":
            return GRADES.get(vm.overallStatus, "normal") if self.managed else "normal"
        return "stop" if vm.runtime.powerState == "poweredOff" else "unknown"

    def power(self, guest: str, action: str, *, force: bool) -> None:
        """Power a guest on, off, or reboot it."""
        vm = self.guests[guest][0]
        if action == "on":
            WaitForTask(vm.PowerOnVM_Task())
        elif force:
            WaitForTask(vm.PowerOffVM_Task() if action == "off" else vm.ResetVM_Task())
        elif action == "reboot":
            vm.RebootGuest()
        else:
            vm.ShutdownGuest()
            self.wait_until_off(vm)

    def wait_until_off(self, vm: Any) -> None:
        """Wait for a guest's system to end, without asking again and again."""
        collector = vmodl.query.PropertyCollector
        wanted = collector.PropertySpec(type=vim.VirtualMachine, pathSet=["runtime.powerState"])
        spec = collector.FilterSpec(objectSet=[collector.ObjectSpec(obj=vm)], propSet=[wanted])
        properties = self.connect().propertyCollector.CreatePropertyCollector()
        try:
            properties.CreateFilter(spec, partialUpdates=False)
            version = ""
            while vm.runtime.powerState != "poweredOff":
                update = properties.WaitForUpdatesEx(
                    version, collector.WaitOptions(maxWaitSeconds=60)
                )
                version = update.version if update else version
        finally:
            properties.Destroy()

    def migrate(self, guest: str, host: str, mode: str) -> None:
        """Move a guest within its cluster; only a vCenter does."""
        if not self.managed:
            raise RefusedError("NO_VM_MANAGER", "no vCenter is registered")
        if host not in self.hosts:
            raise RefusedError("HOST_NOT_MANAGED", f"no host {host}")
        vm, target = self.guests[guest][0], self.hosts[host][0]
        if (vm.runtime.powerState == "poweredOn") is not (mode == "live"):
            raise RefusedError("MODE_MISMATCH", f"the guest is {vm.runtime.powerState}")
        if vm.runtime.host.parent != target.parent:
            raise RefusedError("NOT_SAME_CLUSTER", "the hosts are in different clusters")
        if target.runtime.inMaintenanceMode:
            raise RefusedError("HOST_IN_MAINTENANCE", target.name)
        WaitForTask(vm.RelocateVM_Task(vim.vm.RelocateSpec(host=target)))

    def maintenance(self, host: str, switch: str) -> None:
        """Set or release a host's maintenance mode."""
        found = self.hosts[host][0]
        if switch == "on":
            WaitForTask(found.EnterMaintenanceMode_Task(timeout=600))
        else:
            WaitForTask(found.ExitMaintenanceMode_Task(timeout=0))

    def close(self) -> None:
        """Log out, if anybody is there."""
        if self.service is not None:
            with contextlib.suppress(OSError, vmodl.MethodFault):
                Disconnect(self.service)


class Manager:
    """The operations of the protocol; each answers what goes into `result`."""

    def __init__(self) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        self.made = 0

    def capabilities(self) -> dict[str, Any]:
        """Return what the manager claims."""
        return CLAIMS

    def register(
        self, kind: str, address: str, credentials: dict[str, str], role: str
    ) -> dict[str, Any]:
        """Take a vCenter or a host under management."""
        if kind != "vmware" or role == "hardware":
            raise RefusedError("UNSUPPORTED_BY_PRODUCT", f"{role} of {kind}")
        self.made += 1
        name = f"vmware-{self.made}"
        self.endpoints[name] = Endpoint(address, credentials)
        return {"outcome": "done", "value": name}

    def unregister(self, registration: str) -> dict[str, Any]:
        """Let go of a registration."""
        if registration not in self.endpoints:
            raise RefusedError("HOST_NOT_MANAGED", registration)
        self.endpoints.pop(registration).close()
        return {"outcome": "done"}

    def refresh(self) -> dict[str, Any]:
        """Make one inventory pass."""
        for endpoint in self.endpoints.values():
            endpoint.refresh()
        return {"outcome": "done"}

    def list_hosts(self) -> list[dict[str, Any]]:
        """Return the hosts as of the last refresh."""
        return [row for e in self.endpoints.values() for _, row in e.hosts.values()]

    def list_guests(self) -> list[dict[str, Any]]:
        """Return the guests as of the last refresh."""
        return [row for e in self.endpoints.values() for _, row in e.guests.values()]

    def power(self, guest: str, action: str, *, force: bool = False) -> dict[str, Any]:
        """Power a guest on, off, or reboot it."""
        self.owner("guests", guest, "GUEST_GONE").power(guest, action, force=force)
        return {"outcome": "done"}

    def migrate(self, guest: str, host: str, mode: str) -> dict[str, Any]:
        """Move a guest."""
        self.owner("guests", guest, "GUEST_GONE").migrate(guest, host, mode)
        return {"outcome": "done"}

    def maintenance(self, host: str, switch: str, *, move: bool = False) -> dict[str, Any]:
        """Set or release maintenance mode; VMware has none that moves guests in the same step."""
        if move:
            raise RefusedError("UNSUPPORTED_BY_PRODUCT", "there is no maintenance with move")
        self.owner("hosts", host, "HOST_NOT_MANAGED").maintenance(host, switch)
        return {"outcome": "done"}

    def owner(self, kind: str, name: str, reason: str) -> Endpoint:
        """Return the endpoint that has a host or guest."""
        for endpoint in self.endpoints.values():
            if name in getattr(endpoint, kind):
                return endpoint
        raise RefusedError(reason, name)

    def close(self) -> None:
        """End every connection."""
        for endpoint in self.endpoints.values():
            endpoint.close()


OPERATIONS = {
    *("capabilities", "register", "unregister", "refresh", "list_hosts", "list_guests"),
    *("power", "migrate", "maintenance"),
}


def answer(manager: "Manager", message: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one call."""
    name = message["op"]
    if name not in OPERATIONS:
        return {"unsupported": {"reason": f"no operation {name}"}}
    try:
        return {"result": getattr(manager, name)(**message["args"])}
    except RefusedError as refused:
        reason, detail = refused.args
        return {"result": {"outcome": "refused", "reason": reason, "detail": detail}}
    except vmodl.MethodFault as fault:
        said = f"{type(fault).__name__}: {fault.msg}"
        return {"result": {"outcome": "failed", "reason": "NATIVE_ERROR", "native_error": said}}
    except OSError as problem:
        outcome = {"outcome": "failed", "reason": "ENDPOINT_UNREACHABLE"}
        return {"result": {**outcome, "native_error": str(problem)}}


def main() -> None:
    """Answer every line until `stop`."""
    manager = Manager()
    for line in sys.stdin:
        message = json.loads(line)
        match message["type"]:
            case "start":
                told = {"result": CLAIMS}
            case "open":
                manager.close()
                manager, told = Manager(), {"result": None}
            case "call":
                told = answer(manager, message)
            case _:
                break
        print(json.dumps({"seq": message["seq"], **told}), flush=True)
    manager.close()


if __name__ == "__main__":
    main()
