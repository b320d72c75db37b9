"""Scenarios to begin with: a commented text for each product, which people then change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FRAME = """\
# A lab for `hvsim serve`; `hvsim scenario check` reads it and says what is in it.
# Sizes may be written as "4 GiB"; times are simulated seconds.
name = "my-lab"
description = "{title}"
seed = 1             # decides every random value: the same seed, the same run

[clock]
mode = "real"        # or scaled, stepped, paused, skip-idle
scale = 1.0          # simulated seconds per second, of a scaled clock

{body}
# What shall go wrong, and when; docs/scenarios.md lists the kinds.
# [[fault]]
# at = 600
# kind = "server.crash"
# server = "{first}"
# silence = "dropped"     # packets to it vanish; "refused": its ports are closed
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a scenario shall have; guests are counted over all hosts."""

    profile: str
    hosts: int
    guests: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a product's scenarios begin.

    Attributes:
        title: the scenario's description.
        profiles: the product's rule sets, the usual one first.
        body: makes the product's tables.
    """

    title: str
    profiles: tuple[str, ...]
    body: Callable[[Wish], str]

    def text(self, wish: Wish) -> str:
        """Return the whole scenario."""
        return _FRAME.format(title=self.title, body=self.body(wish), first="host1")

    def others(self, profile: str) -> str:
        """Return a comment on the product's other profiles."""
        return _others(self.profiles, profile)


def _others(profiles: Iterable[str], profile: str) -> str:
    rest = [one for one in profiles if one != profile]
    return f"   # or {', '.join(rest)}" if rest else ""


def _hosts(number: int, *more: str) -> str:
    """Return the tables of hosts, one a line."""
    extra = "".join(f", {one}" for one in more)
    rows = (f'  {{ name = "host{n}"{extra} }},\n' for n in range(1, number + 1))
    return f"[\n{''.join(rows)}]"


def _guests(wish: Wish, running: str, off: str, note: str) -> str:
    """Return the key of described guests, a running and a stopped one, and of generated ones."""
    last = f"host{wish.hosts}"
    described = (
        f'  {{ name = "web", {running}, host = "host1", memory = "2 GiB" }},   # {note}\n',
        f'  {{ name = "batch", {off.format(host=last)}, memory = "1 GiB" }},\n',
    )[: wish.guests]
    more = wish.guests - len(described)
    lines = "".join(described)
    return f"guests = [\n{lines}]\nmore_guests = {more}      # generated beside them\n"


def _xenserver(wish: Wish) -> str:
    running, off = 'power_state = "Running"', 'home = "{host}"'
    return f"""\
[[xenserver]]
name = "pool1"
profile = "{wish.profile}"{PRODUCTS["xenserver"].others(wish.profile)}
ha = false           # high availability: guests with a restart_priority start again elsewhere
accounts = [{{ user = "root", password = "hvsim" }}]
# The first is the master. Without an address each gets one of its own on the loopback interface.
hosts = {_hosts(wish.hosts, 'memory = "32 GiB"')}
{_guests(wish, running, off, 'also: hostname, address, tools, restart_priority = "restart"')}"""


def _vcenter(wish: Wish) -> str:
    running, off = 'power_state = "poweredOn"', 'power_state = "poweredOff", host = "{host}"'
    return f"""\
[[vcenter]]
name = "vc1"
profile = "{wish.profile}"{PRODUCTS["vcenter"].others(wish.profile)}
accounts = [{{ user = "administrator@vsphere.local", password = "hvsim" }}]
{_guests(wish, running, off, 'also: hostname, tools, template, restart_priority = "high"')}
[[vcenter.clusters]]
name = "production"
ha = true                  # guests of a host that fails start again on another
drs = "fullyAutomated"     # or partiallyAutomated, manual; "" is off
hosts = {_hosts(wish.hosts, 'memory = "64 GiB"')}
"""


def _scvmm(wish: Wish) -> str:
    running, off = 'state = "Running"', 'state = "Off", host = "{host}"'
    return f"""\
[[scvmm]]
name = "vmm1"
profile = "{wish.profile}"{PRODUCTS["scvmm"].others(wish.profile)}
accounts = [{{ user = "Administrator", password = "hvsim" }}]
{_guests(wish, running, off, "also: highly_available, priority, services, hostname, os_name")}
[[scvmm.clusters]]         # a Windows failover cluster that this VMM manages
name = "cluster1"
hosts = {_hosts(wish.hosts, 'memory = "64 GiB"')}
"""


def _hyperv(wish: Wish) -> str:
    running, off = 'state = "Running"', 'state = "Off", host = "{host}"'
    return f"""\
[[scvmm]]                  # hosts of no cluster, which answer for themselves beside their VMM
name = "vmm1"
profile = "{wish.profile}"{PRODUCTS["hyperv"].others(wish.profile)}
accounts = [{{ user = "Administrator", password = "hvsim" }}]
hosts = {_hosts(wish.hosts, 'memory = "64 GiB"')}
{_guests(wish, running, off, "also: services, hostname, os_name, generation, start_action")}"""


def _rhel5xen(wish: Wish) -> str:
    running, off = 'state = "running"', 'state = "off", host = "{host}"'
    return f"""\
[[rhel5xen]]
name = "site"              # for hvsim alone: the hosts know nothing of each other
profile = "{wish.profile}"
accounts = [{{ user = "root", password = "hvsim" }}]
hosts = {_hosts(wish.hosts, 'memory = "16 GiB"', "relocation = true")}
{_guests(wish, running, off, "also: defined_on, autostart, shared, hvm, on_crash")}"""


def _zones(wish: Wish) -> str:
    share, rest = divmod(wish.guests, wish.hosts)
    return "".join(
        _zone_host(wish.profile, n, share + (n <= rest)) for n in range(1, wish.hosts + 1)
    )


def _zone_host(profile: str, number: int, zones: int) -> str:
    prefix = f"h{number}-"
    described = (
        f'  {{ name = "{prefix}web", state = "running" }},   # also: nodename, address, stuck\n',
        f'  {{ name = "{prefix}batch", state = "installed" }},   # or configured, ready, down\n',
    )[:zones]
    more = (f'  {{ name = "{prefix}zone{n}" }},\n' for n in range(3, zones + 1))
    return f"""\
[[solaris]]
name = "host{number}"
profile = "{profile}"{PRODUCTS["zones"].others(profile)}
accounts = [{{ user = "root", password = "hvsim" }}]
zones = [
{"".join(described)}{"".join(more)}]

"""


PRODUCTS = {
    "xenserver": Beginning("One XenServer pool", ("xenserver-8", "xenserver-5.5"), _xenserver),
    "vcenter": Beginning("A vCenter with a cluster", ("vsphere-8", "vsphere-4"), _vcenter),
    "scvmm": Beginning(
        "A VMM server with a failover cluster",
        ("scvmm-2019", "scvmm-2012r2", "scvmm-2008r2"),
        _scvmm,
    ),
    "hyperv": Beginning(
        "Hyper-V hosts of no cluster",
        ("scvmm-2019", "scvmm-2012r2", "scvmm-2008r2"),
        _hyperv,
    ),
    "rhel5-xen": Beginning("RHEL 5 hosts with Xen", ("rhel5-xen",), _rhel5xen),
    "zones": Beginning("Hosts with zones", ("solaris-10", "solaris-11", "omnios"), _zones),
}
"""By the name that `hvsim scenario new --product` takes."""
