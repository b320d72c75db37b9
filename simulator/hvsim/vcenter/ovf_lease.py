"""``HttpNfcLease``: a machine is imported while its client sends the disks.

Of what is sent, size and digest are kept, for a guest's disk has no contents here. A lease that
nobody uses for its timeout is aborted, and so is the machine that it was for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.vcenter import host as hosts
from hvsim.vcenter import vm as machines
from hvsim.vcenter.faults import VimFault, as_fault, bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.server import VCenter
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.world import World

TIMEOUT: Final = 300.0
"""Seconds of silence after which a lease is aborted: the default that vim25 documents."""
_KEPT: Final = 600.0
"""Seconds that an ended lease can still be asked about."""


@dataclass(slots=True)
class Lease:
    """What a lease knows beside what it shows.

    Attributes:
        key: what its addresses carry; who knows it may send.
        used: simulated second when it was last heard of.
        files: size and SHA-256 of what was sent, by name.
    """

    ref: Ref
    key: str
    used: float
    files: dict[str, tuple[int, str]] = field(default_factory=dict)


@method("ResourcePool.ImportVApp")
def import_vapp(
    call: Call, this: Ref, spec: Data, folder: Ref | None = None, host: Ref | None = None
) -> Ref:
    """Begin to import a machine; return the lease under which its disks are sent."""
    if spec.type != "VirtualMachineImportSpec":
        raise VimFault("NotSupported")
    config: Data = spec["configSpec"]
    where = folder or _folder_of(call, this)
    vcenter, store = call.vcenter, call.store
    ref = Ref("HttpNfcLease", store.new_moid("session[nfc]"))
    made = Lease(ref, vcenter.world.streams.uuid(f"{vcenter.path}/nfc"), vcenter.world.now)
    shown = {"state": "initializing", "initializeProgress": 0, "transferProgress": 0}
    store.add(ref.type, ref.moid, shown | {"mode": "pushOrGet", "info": None, "error": None})
    vcenter.leases[ref.moid] = made
    deploying = Call(vcenter, call.caller, "ImportVAppLRO")
    task = machines.create(deploying, where, config=config, pool=this, host=host)
    operation: Operation | None = vcenter.tasks.get(task.moid)
    if operation is None:
        raise VimFault("SystemError", reason="The import did not begin.")
    operation.on_done.append(lambda done: _begun(vcenter, made, config, done))
    return ref


def _folder_of(call: Call, pool: Ref) -> Ref:
    """Return the folder for machines of the datacenter that a pool is in."""
    place: Ref | None = call.store.value(pool, "owner")
    while place is not None and place.type != "Datacenter":
        place = call.store.value(place, "parent")
    if place is None:
        raise bad_argument("folder")
    found: Ref = call.store.value(place, "vmFolder")
    return found


def _begun(vcenter: VCenter, lease: Lease, config: Data, operation: Operation) -> None:
    store = vcenter.store
    if operation.error is not None:
        _fail(vcenter, lease, as_fault(operation.error))
        return
    vm: Ref = operation.value
    info = _info(vcenter, lease, vm, config["name"])
    changes = {"info": info, "initializeProgress": 100, "state": "ready"}
    store.change_many(lease.ref, changes)
    lease.used = vcenter.world.now
    vcenter.world.operations.start(
        "HttpNfcLease.watch", f"{vcenter.path}/lease", _watch(vcenter, lease), foreground=False
    )


def _info(vcenter: VCenter, lease: Lease, vm: Ref, name: str) -> Data:
    devices: list[Data] = vcenter.store.value(vm, "config.hardware.device")
    known = {device["key"]: device for device in devices}
    disks = [device for device in devices if device.type == "VirtualDisk"]
    urls = []
    for number, disk in enumerate(disks):
        bus = known[disk["controllerKey"]]
        place = f"{bus.type}{bus['busNumber']}:{disk['unitNumber']}"
        urls.append(
            data(
                "HttpNfcLeaseDeviceUrl",
                key=f"/{vm.moid}/{place}",
                importKey=f"/{name}/{place}",
                url=f"https://*/nfc/{lease.key}/disk-{number}.vmdk",
                sslThumbprint="",
                disk=True,
                targetId=f"disk-{number}.vmdk",
            )
        )
    return data(
        "HttpNfcLeaseInfo",
        lease=lease.ref,
        entity=vm,
        deviceUrl=urls,
        totalDiskCapacityInKB=sum(disk["capacityInKB"] or 0 for disk in disks),
        leaseTimeout=int(TIMEOUT),
    )


def _watch(vcenter: VCenter, lease: Lease) -> Steps:
    """Abort a lease that nobody uses, and forget one that ended."""
    while vcenter.store.value(lease.ref, "state") == "ready":
        left = lease.used + TIMEOUT - vcenter.world.now
        if left <= 0:
            _discard(vcenter, lease)
            _fail(vcenter, lease, VimFault("Timedout"))
            break
        yield vcenter.world.engine.timeout(left)
    yield vcenter.world.engine.timeout(_KEPT)
    vcenter.leases.pop(lease.ref.moid, None)
    vcenter.store.remove(lease.ref)


def _fail(vcenter: VCenter, lease: Lease, fault: VimFault) -> None:
    vcenter.store.change_many(lease.ref, {"state": "error", "error": fault.localized})


def _discard(vcenter: VCenter, lease: Lease) -> None:
    """Take away the machine that was not imported to its end."""
    vm: Ref = vcenter.store.value(lease.ref, "info")["entity"]
    if vcenter.store.exists(vm):
        hosts.forget_vm(vcenter, vm)


def _ready(call: Call, this: Ref) -> Lease:
    """Return a lease that can be used, as just used; raise ``InvalidState`` or ``Timedout``."""
    if call.store.value(this, "state") != "ready":
        raise VimFault("InvalidState")
    found: Lease = call.vcenter.leases[this.moid]
    found.used = call.world.now
    return found


@method("HttpNfcLease.HttpNfcLeaseProgress")
def progress(call: Call, this: Ref, percent: int) -> None:
    """Tell how much was sent, which also keeps the lease."""
    _ready(call, this)
    if not 0 <= percent <= 100:
        raise bad_argument("percent")
    call.store.change(this, "transferProgress", percent)


@method("HttpNfcLease.HttpNfcLeaseComplete")
def complete(call: Call, this: Ref) -> None:
    """End a lease: everything was sent."""
    _ready(call, this)
    call.store.change_many(this, {"state": "done", "transferProgress": 100})


@method("HttpNfcLease.HttpNfcLeaseAbort")
def abort(call: Call, this: Ref, fault: Data | None = None) -> None:
    """End a lease: its machine is taken away."""
    lease = _ready(call, this)
    _discard(call.vcenter, lease)
    why = VimFault("RequestCanceled")
    told = why.localized
    if fault is not None and fault["fault"] is not None:
        told = fault
    call.store.change_many(this, {"state": "error", "error": told})


@command("vcenter.upload")
class Upload(Command, frozen=True, kw_only=True):
    """A file sent under a lease; ``size`` is bytes and ``digest`` SHA-256, in hexadecimal."""

    vcenter: str
    key: str
    file: str
    size: int
    digest: str

    def apply(self, world: World) -> Any:
        """Note it; return whether there is such a lease that waits for such a file."""
        vcenter = world.product(self.vcenter)
        if not isinstance(vcenter, VCenter):
            raise CommandError(f"{self.vcenter!r} is no vCenter")
        lease = next((one for one in vcenter.leases.values() if one.key == self.key), None)
        if lease is None or not _awaits(vcenter, lease, self.file):
            return False
        lease.used = world.now
        lease.files[self.file] = (self.size, self.digest)
        subject = f"{vcenter.path}/lease/{lease.ref.moid}/{self.file}"
        after = {"size": self.size, "sha256": self.digest}
        world.log.append("mod", subject, None, after, (f"{vcenter.path}/lease",))
        return True


def _awaits(vcenter: VCenter, lease: Lease, file: str) -> bool:
    if vcenter.store.value(lease.ref, "state") != "ready":
        return False
    info: Data = vcenter.store.value(lease.ref, "info")
    return any(url["targetId"] == file for url in info["deviceUrl"])
