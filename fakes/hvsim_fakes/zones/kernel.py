"""What Solaris commands tell out of the kernel: statistics, swap space, network interfaces."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hvsim_fakes.zones.getopt import OptionError, getopt
from hvsim_fakes.zones.place import place_of

if TYPE_CHECKING:
    from hvsim.zones.zone import Zone
    from hvsim_fakes.shell.program import Process

_KIB = 2**10
_BRAND = "Intel(r) Xeon(r) CPU E5-2665 0 @ 2.40GHz"
_IMPLEMENTATION = "x86 (GenuineIntel 206A7 family 6 model 42 step 7 clock 2400 MHz)"
_LOOPBACK_FLAGS = "2001000849<UP,LOOPBACK,RUNNING,MULTICAST,IPv4,VIRTUAL>"
_FLAGS = "1000843<UP,BROADCAST,RUNNING,MULTICAST,IPv4>"
_LOOPBACK_MTU, _MTU = 8_232, 1_500


@dataclass(frozen=True, slots=True)
class _Statistics:
    """One kernel statistic: four-part names, values by name."""

    module: str
    instance: int
    name: str
    kind: str
    values: dict[str, str]

    def fits(self, wanted: list[str]) -> bool:
        """Whether module, instance and name are the wanted ones; an empty one fits all."""
        own = (self.module, str(self.instance), self.name)
        return all(not want or want == one for want, one in zip(wanted, own, strict=False))


def kstat(process: Process) -> int:
    """Print kernel statistics: ``-p`` one a line, ``-m -i -n -s`` or ``m:i:n:s`` choose."""
    try:
        found, rest = getopt("kstat", "plqCTm:i:n:s:c:", process.argv[1:])
    except OptionError as error:
        return process.fail(
            f"{error}\nUsage:\nkstat [ -pl ] [ -m m ] [ -i i ] [ -n n ] [ -s s ]", 2
        )
    options = dict(found)
    patterns = [word.split(":") for word in rest]
    if not patterns:
        patterns = [[options.get(letter, "") for letter in "mins"]]
    status = 1
    for one in _statistics(process):
        for pattern in patterns:
            if one.fits(pattern[:3]):
                shown = _chosen(one, pattern[3] if len(pattern) > 3 else "")
                status = 0 if shown else status
                process.out(_line_by_line(one, shown) if "p" in options else _block(one, shown))
    return status


def _statistics(process: Process) -> list[_Statistics]:
    """Return what there is: the processors, and when the host started."""
    host = place_of(process).host
    # The lab begins with the host up.
    boot = {"boot_time": str(int(process.host.epoch)), "ncpus": str(host.server.cpus)}
    processors = [
        _Statistics("cpu_info", number, f"cpu_info{number}", "misc", _processor(number))
        for number in range(host.server.cpus)
    ]
    return [*processors, _Statistics("unix", 0, "system_misc", "misc", boot)]


def _processor(number: int) -> dict[str, str]:
    return {
        "brand": _BRAND,
        "chip_id": "0",
        "clock_MHz": "2400",
        "core_id": str(number),
        "cpu_type": "i386",
        "fpu_type": "i387 compatible",
        "implementation": _IMPLEMENTATION,
        "state": "on-line",
        "vendor_id": "GenuineIntel",
    }


def _chosen(one: _Statistics, wanted: str) -> dict[str, str]:
    return {name: value for name, value in one.values.items() if not wanted or name == wanted}


def _block(one: _Statistics, shown: dict[str, str]) -> str:
    if not shown:
        return ""
    lines = [
        f"module: {one.module:<30.30}  instance: {one.instance:<6}",
        f"name:   {one.name:<30.30}  class:    {one.kind:.30}",
        *(f"\t{name:<30}  {value}" for name, value in shown.items()),
    ]
    return "\n".join(lines) + "\n\n"


def _line_by_line(one: _Statistics, shown: dict[str, str]) -> str:
    front = f"{one.module}:{one.instance}:{one.name}"
    return "".join(f"{front}:{name}\t{value}\n" for name, value in shown.items())


def swap(process: Process) -> int:
    """Print how much swap space is used (``-s``)."""
    if process.argv[1:] != ["-s"]:
        return process.fail("Usage:\tswap -s", 1)
    place = place_of(process)
    with process.world.access():
        active = sum(zone.active for zone in place.host.zones.values())
        total = place.host.server.memory // _KIB
    used = min(total, (512 + 128 * active) * _KIB)
    reserved = used // 8
    process.out(
        f"total: {used - reserved}k bytes allocated + {reserved}k reserved = {used}k used,"
        f" {total - used}k available\n"
    )
    return 0


def ifconfig(process: Process) -> int:
    """Print network interfaces (``-a``, or one by its name); nothing can be changed."""
    words = process.argv[1:]
    if len(words) != 1:
        return process.fail("usage: ifconfig -a | interface", 1)
    with process.world.access():
        blocks = _interfaces(process)
    wanted = [text for name, text in blocks if words[0] in ("-a", name)]
    if not wanted:
        return process.fail(f"ifconfig: status: SIOCGLIFFLAGS: {words[0]}: no such interface")
    process.out("".join(wanted))
    return 0


def _interfaces(process: Process) -> list[tuple[str, str]]:
    """Return names and descriptions: the host's own, and those of zones that share them."""
    place = place_of(process)
    server = place.host.server
    loopback = _interface("lo0", "127.0.0.1/8")
    physical = server.nics[0].name if server.nics else "e1000g0"
    blocks = []
    if place.zone is None:
        blocks += [loopback, _interface(physical, f"{server.address}/24")]
    zones = [place.zone] if place.zone is not None else list(place.host.zones.values())
    for number, zone in enumerate((zone for zone in zones if zone.active), 1):
        blocks.append(_interface(f"lo0:{number}", "127.0.0.1/8", zone))
        blocks += [
            _interface(f"{nic}:{number}", address, zone) for nic, address in _addresses(zone)
        ]
    return blocks


def _addresses(zone: Zone) -> list[tuple[str, str]]:
    """Return interfaces and addresses of a zone's ``net`` resources that have both."""
    nets = [one.values for one in zone.config.resources if one.kind == "net"]
    return [
        (str(net["physical"]), str(net["address"]))
        for net in nets
        if net.get("physical") and net.get("address")
    ]


def _interface(name: str, address: str, zone: Zone | None = None) -> tuple[str, str]:
    """Return a name and its description; all hosts have one network card, the second interface."""
    own = name.startswith("lo0")
    flags, mtu, index = (_LOOPBACK_FLAGS, _LOOPBACK_MTU, 1) if own else (_FLAGS, _MTU, 2)
    try:
        net = ipaddress.ip_interface(address)
        where = f"{net.ip} netmask {int(net.network.netmask):x}"
    except ValueError:
        # A host's name in place of an address.
        where = f"{address.partition('/')[0]} netmask ffffff00"
    inside = f"\tzone {zone.name}\n" if zone is not None else ""
    return name, f"{name}: flags={flags} mtu {mtu} index {index}\n{inside}\tinet {where} \n"
