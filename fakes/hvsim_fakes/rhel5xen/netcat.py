"""``nc -U /var/run/libvirt/libvirt-sock``: how remote clients reach libvirtd over SSH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.rhel5xen.site import Host
from hvsim_fakes.rhel5xen.remote import Remote

if TYPE_CHECKING:
    from hvsim_fakes.shell.program import Process

SOCKETS: Final = ("/var/run/libvirt/libvirt-sock", "/var/run/libvirt/libvirt-sock-ro")
_USAGE: Final = "usage: nc [-46DdhklnrStUuvzC] [-i interval] [-p source_port] [host] [port]"


def netcat(process: Process) -> int:
    """Connect stdin and stdout to libvirtd's socket; other connections lead nowhere."""
    if len(process.argv) == 2 and process.argv[1] == "-h":
        # Clients look whether -q is among the options, and RHEL 5's has none.
        return process.fail(_USAGE, 1)
    if "-U" not in process.argv[1:-1]:
        return process.fail(_USAGE, 1)
    path = process.argv[-1]
    host = process.host.context
    if path not in SOCKETS or not isinstance(host, Host):
        return process.fail(f"nc: unix connect failed: No such file or directory ({path})", 1)
    if host.libvirtd.state == "stopped":
        return process.fail("nc: unix connect failed: Connection refused", 1)
    remote = Remote(host, process, lambda *told: _note(process, host, *told))
    remote.serve(process.stdin.read_some, lambda data: _send(process, data))
    return 0


def _send(process: Process, data: bytes) -> None:
    process.out(data)
    process.out.flush()


def _note(process: Process, host: Host, name: str, writes: bool, outcome: str) -> None:
    wirelog = process.host.wirelog
    if wirelog is not None:
        wirelog.record(
            time=process.world.clock.now(),
            product=process.host.product,
            endpoint=f"{process.host.owner}/{process.host.name}",
            client=process.peer,
            call=f"libvirt {name}",
            is_write=writes,
            outcome=outcome,
            params={"host": host.name},
        )
