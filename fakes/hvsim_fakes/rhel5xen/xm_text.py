"""How ``xm`` of RHEL 5 (Xen 3.0.3's tools) prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.rhel5xen.domain import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim.rhel5xen.configuration import Configuration
    from hvsim.rhel5xen.domain import Domain

HEAD: Final = f"{'Name':<40} {'ID':>3} {'Mem(MiB)':>8} {'VCPUs':>5} {'State':>5} {'Time(s)':>9}"
_FLAGS: Final = {
    State.RUNNING: "r-----",
    State.BLOCKED: "-b----",
    State.PAUSED: "--p---",
    State.SHUTDOWN: "---s--",
    State.CRASHED: "----c-",
    State.DYING: "-----d",
}


def flags(domain: Domain) -> str:
    """Return the six columns of a domain's state."""
    return _FLAGS[domain.state]


def line(domain: Domain, now: float) -> str:
    """Return a domain's line of the list."""
    return (
        f"{domain.name:<40} {domain.id:>3} {domain.memory:>8} {domain.vcpus:>5} {flags(domain):>5}"
        f" {domain.cpu_time(now):>8.1f}"
    )


def uptime(domain: Domain, now: float) -> str:
    """Return a domain's line of ``xm uptime``."""
    seconds = int(now - domain.started)
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    plural = "" if days == 1 else "s"
    since = f"{days} day{plural}, " if days else ""
    return f"{domain.name:<32} {domain.id:>5} {since}{hours:>2}:{minutes:02}:{seconds:02}"


def vcpus(domain: Domain, now: float, cpus: int) -> Iterable[str]:
    """Return a domain's lines of ``xm vcpu-list``."""
    state = {State.RUNNING: "r--", State.BLOCKED: "-b-"}.get(domain.state, "---")
    share = domain.cpu_time(now) / max(1, domain.vcpus)
    for number in range(domain.config.vcpus):
        online = number < domain.vcpus
        cpu = str(number % cpus) if online else "-"
        shown = state if online else "--p"
        taken = share if online else 0.0
        yield (
            f"{domain.name:<32} {domain.id:>3} {number:>4} {cpu:>5}"
            f" {shown:>5} {taken:>9.1f} any cpu"
        )


def record(domain: Domain, now: float, epoch: float) -> list[Any]:
    """Return a domain as xend describes it: a list of a name and further lists."""
    config = domain.config
    return [
        "domain",
        ["domid", domain.id],
        ["uuid", domain.uuid],
        ["vcpus", config.vcpus],
        ["cpu_weight", "1.0"],
        ["memory", domain.memory],
        ["shadow_memory", 0],
        ["maxmem", domain.maxmem],
        *([["bootloader", config.bootloader]] if config.bootloader else []),
        ["name", domain.name],
        ["on_poweroff", config.on_poweroff],
        ["on_reboot", config.on_reboot],
        ["on_crash", config.on_crash],
        ["image", _image(config)],
        *([["device", _disk(disk)] for disk in config.disks]),
        *([["device", _vif(vif)] for vif in config.vifs]),
        ["state", flags(domain)],
        *([["shutdown_reason", "poweroff"]] if domain.state is State.SHUTDOWN else []),
        ["cpu_time", f"{domain.cpu_time(now):.9f}"],
        ["online_vcpus", domain.vcpus],
        ["up_time", f"{now - domain.started:.6f}"],
        ["start_time", f"{epoch + domain.started:.6f}"],
    ]


def _image(config: Configuration) -> list[Any]:
    if config.hvm:
        return ["hvm", ["kernel", "/usr/lib/xen/boot/hvmloader"], ["vcpus", config.vcpus]]
    return ["linux", *([["kernel", config.kernel]] if config.kernel else [])]


def _disk(disk: str) -> list[Any]:
    source, device, mode = [*disk.split(","), "", "", ""][:3]
    kind = "tap" if source.startswith("tap:") else "vbd"
    uname = source.removeprefix("tap:") if kind == "tap" else source
    return [kind, ["dev", f"{device}:disk"], ["uname", uname], ["mode", mode or "w"]]


def _vif(vif: str) -> list[Any]:
    values = dict(part.strip().partition("=")[::2] for part in vif.split(","))
    return ["vif", *([key, value] for key, value in values.items())]


def sexpr(value: Any, indent: int = 0) -> str:
    """Return nested lists as xm prettily prints S-expressions."""
    if not isinstance(value, list):
        return str(value)
    pad = " " * indent
    if all(not isinstance(item, list) for item in value):
        return f"{pad}({' '.join(map(str, value))})"
    first, *rest = value
    inner = "\n".join(
        sexpr(item, indent + 4) if isinstance(item, list) else f"{pad}    {item}" for item in rest
    )
    return f"{pad}({first}\n{inner}\n{pad})"
