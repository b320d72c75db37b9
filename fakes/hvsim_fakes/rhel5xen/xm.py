"""The program ``xm``."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from hvsim.files import FileError
from hvsim.rhel5xen.configuration import Configuration, Unreadable, parse
from hvsim.rhel5xen.errors import Fault, XendError
from hvsim.rhel5xen.lifecycle import packed
from hvsim.rhel5xen.site import FOLDER, Host
from hvsim_fakes.rhel5xen import xm_text
from hvsim_fakes.rhel5xen.actor import await_answer, tell_xend
from hvsim_fakes.rhel5xen.options import OptionError, split

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hvsim.rhel5xen.domain import Domain
    from hvsim_fakes.shell.program import Process

_HELP: Final = {
    "create": ("<ConfigFile> [options] [vars]", "Create a domain based on <ConfigFile>."),
    "destroy": ("<Domain>", "Terminate a domain immediately."),
    "domid": ("<DomainName>", "Convert a domain name to domain id."),
    "domname": ("<DomId>", "Convert a domain id to domain name."),
    "help": ("", "Display this message."),
    "info": ("", "Get information about Xen host."),
    "list": ("[options] [Domain, ...]", "List information about all/some domains."),
    "mem-max": ("<Domain> <Mem>", "Set the maximum amount reservation for a domain."),
    "mem-set": ("<Domain> <Mem>", "Set the current memory usage for a domain."),
    "migrate": ("<Domain> <Host>", "Migrate a domain to another machine."),
    "pause": ("<Domain>", "Pause execution of a domain."),
    "reboot": ("<Domain> [-wa]", "Reboot a domain."),
    "rename": ("<Domain> <NewDomainName>", "Rename a domain."),
    "restore": ("<CheckpointFile>", "Restore a domain from a saved state."),
    "save": ("<Domain> <CheckpointFile>", "Save a domain state to restore later."),
    "shutdown": ("<Domain> [-waRH]", "Shutdown a domain."),
    "unpause": ("<Domain>", "Unpause a paused domain."),
    "uptime": ("[-s] <Domain>", "Print uptime for a domain."),
    "vcpu-list": ("[Domain, ...]", "List the VCPUs for a domain or all domains."),
    "vcpu-set": ("<Domain> <vCPUs>", "Set the number of active VCPUs for a domain."),
}
WRITES: Final = frozenset(
    {
        "create",
        "destroy",
        "mem-max",
        "mem-set",
        "migrate",
        "pause",
        "reboot",
        "rename",
        "restore",
        "save",
        "shutdown",
        "unpause",
        "vcpu-set",
    }
)
"""Subcommands that change something."""


def xm(process: Process) -> int:
    """Carry out ``xm <subcommand> ...``."""
    argv = process.argv
    if len(argv) < 2:
        process.err(_overview())
        return 1
    if argv[1] in ("help", "--help", "-h"):
        process.out(_overview())
        return 0
    run = COMMANDS.get(argv[1])
    if run is None:
        process.err(f"Error: Subcommand {argv[1]} not found!\n{_overview()}")
        return 1
    if "--help" in argv[2:] or "-h" in argv[2:]:
        process.out(usage(argv[1]))
        return 0
    return _guarded(process, run, argv[1], argv[2:])


def is_write(argv: Sequence[str]) -> bool:
    """Whether a command line changes anything."""
    return len(argv) > 1 and argv[1] in WRITES


def label(argv: Sequence[str]) -> str:
    """Return what the wire log calls a command line."""
    return f"xm {argv[1]}" if len(argv) > 1 and argv[1] in COMMANDS else "xm"


def usage(name: str) -> str:
    """Return a subcommand's help."""
    arguments, text = _HELP[name]
    return f"Usage: xm {name} {arguments}\n\n{text}\n"


def _overview() -> str:
    lines = [f" {name:<13} {text}" for name, (_, text) in _HELP.items()]
    top = "Usage: xm <subcommand> [args]\n\nControl, list, and manipulate Xen guest instances.\n"
    return "\n".join([f"{top}\nxm full list of subcommands:\n", *lines, ""])


def _guarded(
    process: Process,
    run: Callable[[Process, Host, list[str]], int],
    name: str,
    args: list[str],
) -> int:
    host = process.host.context
    if not isinstance(host, Host):
        return process.fail("Error: Unable to connect to xend: No such file or directory.", 1)
    if not process.account.privileged:
        return process.fail("Error: Most commands need root access. Please try again as root.", 1)
    try:
        await_answer(process, host, host.xend)
        host.demand_xend()
        return run(process, host, args)
    except XendError as error:
        return _failed(process, name, error)
    except OptionError as error:
        return process.fail(f"Error: {error}\n{usage(name)}".rstrip(), 1)


def _failed(process: Process, name: str, error: XendError) -> int:
    if error.fault is Fault.NO_DAEMON:
        return process.fail(f"Error: Unable to connect to xend: {error.text}. Is xend running?", 1)
    if error.fault is Fault.NO_DOMAIN:
        return process.fail(f"Error: Domain '{error.text}' does not exist.", 1)
    return process.fail(f"Error: {error.text}\n{usage(name)}".rstrip(), 1)


def _arguments(name: str, args: list[str], count: int) -> list[str]:
    found = [arg for arg in args if arg != "--"]
    if len(found) != count:
        plural = "" if count == 1 else "s"
        raise OptionError(f"'xm {name}' requires {count} argument{plural}.\n")
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise OptionError("Invalid argument.")
    return int(text)


def _mib(text: str) -> int:
    """Return MiB of a size that may end in k, m or g."""
    unit = {"k": 1 / 1024, "m": 1, "g": 1024}.get(text[-1:].lower())
    return int(_number(text if unit is None else text[:-1]) * (unit or 1))


# -- looking -------------------------------------------------------------------------------------


def _chosen(host: Host, names: list[str]) -> list[Domain]:
    return [host.find(name) for name in names] if names else list(host.domains.values())


def _list(process: Process, host: Host, args: list[str]) -> int:
    options, names = split(args, "lv", ("long", "vcpus"))
    if options & {"v", "vcpus"}:
        return _vcpu_list(process, host, names)
    with process.world.access():
        now = process.world.now
        domains = _chosen(host, names)
        if options & {"l", "long"}:
            epoch = process.host.epoch
            lines = [xm_text.sexpr(xm_text.record(found, now, epoch)) for found in domains]
        else:
            lines = [xm_text.HEAD, *(xm_text.line(found, now) for found in domains)]
    process.out("\n".join([*lines, ""]))
    return 0


def _vcpu_list(process: Process, host: Host, args: list[str]) -> int:
    head = f"{'Name':<32} {'ID':>3} {'VCPU':>4} {'CPU':>5} {'State':>5} {'Time(s)':>9} CPU Affinity"
    with process.world.access():
        now, cpus = process.world.now, host.server.cpus
        found = _chosen(host, args)
        lines = [line for domain in found for line in xm_text.vcpus(domain, now, cpus)]
    process.out("\n".join([head, *lines, ""]))
    return 0


def _uptime(process: Process, host: Host, args: list[str]) -> int:
    _, names = split(args, "s", ("short",))
    with process.world.access():
        now = process.world.now
        lines = [xm_text.uptime(domain, now) for domain in _chosen(host, names)]
    process.out("\n".join([f"{'Name':<33} {'ID':>4} Uptime ", *lines, ""]))
    return 0


def _domid(process: Process, host: Host, args: list[str]) -> int:
    (name,) = _arguments("domid", args, 1)
    with process.world.access():
        process.out(f"{host.find(name).id}\n")
    return 0


def _domname(process: Process, host: Host, args: list[str]) -> int:
    (number,) = _arguments("domname", args, 1)
    with process.world.access():
        process.out(f"{host.find(number).name}\n")
    return 0


def _info(process: Process, host: Host, args: list[str]) -> int:
    _arguments("info", args, 0)
    uname, cpus = process.host.uname, host.server.cpus
    with process.world.access():
        free = max(0, host.free)
    facts = {
        "host": host.system.nodename,
        "release": uname.release,
        "version": uname.version,
        "machine": uname.machine,
        "nr_cpus": cpus,
        "nr_nodes": 1,
        "sockets_per_node": 1,
        "cores_per_socket": cpus,
        "threads_per_core": 1,
        "cpu_mhz": 2400,
        "total_memory": host.memory,
        "free_memory": free,
        "node_to_cpu": f"node0:0-{cpus - 1}" if cpus > 1 else "node0:0",
        "xen_major": 3,
        "xen_minor": 1,
        "xen_extra": ".2-164.el5",
        "xen_caps": "xen-3.0-x86_64 xen-3.0-x86_32p",
        "xen_pagesize": 4096,
        "platform_params": "virt_start=0xffff800000000000",
        "xend_config_format": 2,
    }
    process.out("".join(f"{key:<22} : {value}\n" for key, value in facts.items()))
    return 0


# -- changes -------------------------------------------------------------------------------------


def _create(process: Process, host: Host, args: list[str]) -> int:
    options, rest = split(args, "cqpn", ("paused", "dryrun", "quiet"))
    files = [arg for arg in rest if "=" not in arg]
    if len(files) != 1:
        raise OptionError("'xm create' requires 1 argument.\n")
    path, content = _find_file(process, files[0])
    quiet = bool(options & {"q", "quiet"})
    if not quiet:
        process.out(f'Using config file "{path}".\n')
    config = _configured(content, path, [arg for arg in rest if "=" in arg])
    if options & {"n", "dryrun"}:
        return 0
    process.out.flush()
    tell_xend(process, host, "domain.create", packed(config), bool(options & {"p", "paused"}))
    if not quiet:
        process.out(f"Started domain {config.name}\n")
    return 0


def _find_file(process: Process, name: str) -> tuple[str, str]:
    places = [name] if name.startswith(("/", "./", "../")) else [name, f"{FOLDER}/{name}"]
    files = process.host.system.files
    with process.world.access():
        for place in places:
            path = posixpath.normpath(posixpath.join(process.cwd, place))
            try:
                return path, files.read(path).decode()
            except (FileError, UnicodeDecodeError):
                continue
    raise OptionError(f"Unable to open config file: {name}")


def _configured(content: str, path: str, variables: list[str]) -> Configuration:
    """Return a file's configuration with what the command line says otherwise."""
    extra = []
    for pair in variables:
        key, _, value = pair.partition("=")
        plain = value if value.isdigit() and value.isascii() else repr(value)
        if not key.isidentifier() or key in ("disk", "vif"):
            raise OptionError(f"Unknown variable: {key}")
        extra.append(f"{key} = {plain}")
    try:
        return parse("\n".join([content, *extra]), path)
    except Unreadable as error:
        raise OptionError(f"{error}") from None


def _shutdown(process: Process, host: Host, args: list[str]) -> int:
    options, names = split(args, "waRH", ("wait", "all", "reboot", "halt"))
    reboot, halt = bool(options & {"R", "reboot"}), bool(options & {"H", "halt"})
    if reboot and halt:
        raise OptionError("Can't specify halt and reboot")
    reason = "reboot" if reboot else "halt" if halt else "poweroff"
    return _end(process, host, reason, names, options)


def _reboot(process: Process, host: Host, args: list[str]) -> int:
    options, names = split(args, "wa", ("wait", "all"))
    return _end(process, host, "reboot", names, options)


def _end(
    process: Process, host: Host, reason: str, names: list[str], options: frozenset[str]
) -> int:
    everybody = bool(options & {"a", "all"})
    if not everybody and len(names) != 1:
        which = (
            "No domain parameter given" if not names else "No multiple domain parameters allowed"
        )
        raise OptionError(which)
    with process.world.access():
        found = host.guests if everybody else [host.find(names[0])]
    for domain in found:
        tell_xend(process, host, "domain.shutdown", str(domain.id), reason)
    if options & {"w", "wait"}:
        _await_end(process, host, found, reason)
    return 0


def _await_end(process: Process, host: Host, found: list[Domain], reason: str) -> None:
    word = "rebooted" if reason == "reboot" else "terminated"
    for domain in found:
        process.wait_until(lambda domain=domain: not host.holds(domain) or domain.ended, host.path)  # type: ignore[misc]  # bound at once
        process.out(f"Domain {domain.name} {word}\n")
        process.out.flush()
    process.out(f"All domains {word}\n")


def _simple(name: str, message: str) -> Callable[[Process, Host, list[str]], int]:
    def run(process: Process, host: Host, args: list[str]) -> int:
        (domain,) = _arguments(name, args, 1)
        tell_xend(process, host, message, domain)
        return 0

    return run


def _sized(
    name: str, message: str, read: Callable[[str], int]
) -> Callable[[Process, Host, list[str]], int]:
    def run(process: Process, host: Host, args: list[str]) -> int:
        domain, size = _arguments(name, args, 2)
        tell_xend(process, host, message, domain, read(size))
        return 0

    return run


def _rename(process: Process, host: Host, args: list[str]) -> int:
    domain, name = _arguments("rename", args, 2)
    tell_xend(process, host, "domain.rename", domain, name)
    return 0


def _migrate(process: Process, host: Host, args: list[str]) -> int:
    options, rest = split(args, "lp:r:", ("live", "port=", "resource="))
    if len(rest) != 2:
        raise OptionError("Invalid number of arguments")
    live = bool(options & {"l", "live"})
    tell_xend(process, host, "domain.migrate", rest[0], rest[1], live)
    return 0


def _save(process: Process, host: Host, args: list[str]) -> int:
    domain, name = _arguments("save", args, 2)
    path = posixpath.normpath(posixpath.join(process.cwd, name))
    with process.world.access():
        folder = host.system.files.exists(posixpath.dirname(path))
    if not folder:
        return process.fail(f"Error: xm save: Unable to create file {path}", 1)
    tell_xend(process, host, "domain.save", domain, path)
    return 0


def _restore(process: Process, host: Host, args: list[str]) -> int:
    options, rest = split(args, "p", ("paused",))
    (name,) = _arguments("restore", rest, 1)
    path = posixpath.normpath(posixpath.join(process.cwd, name))
    with process.world.access():
        there = host.system.files.exists(path)
    if not there:
        return process.fail(f"Error: xm restore: Unable to read file {path}", 1)
    tell_xend(process, host, "domain.restore", path, bool(options))
    return 0


COMMANDS: Final[dict[str, Callable[[Process, Host, list[str]], int]]] = {
    "create": _create,
    "destroy": _simple("destroy", "domain.destroy"),
    "domid": _domid,
    "domname": _domname,
    "info": _info,
    "list": _list,
    "mem-max": _sized("mem-max", "domain.set-maximum", _mib),
    "mem-set": _sized("mem-set", "domain.set-memory", _mib),
    "migrate": _migrate,
    "pause": _simple("pause", "domain.pause"),
    "reboot": _reboot,
    "rename": _rename,
    "restore": _restore,
    "save": _save,
    "shutdown": _shutdown,
    "unpause": _simple("unpause", "domain.unpause"),
    "uptime": _uptime,
    "vcpu-list": _vcpu_list,
    "vcpu-set": _sized("vcpu-set", "domain.set-vcpus", _number),
}
