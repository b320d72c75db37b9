"""The program ``virsh`` as RHEL 5's libvirt (0.8.2) has it on a host."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from hvsim.files import FileError
from hvsim.rhel5xen.site import Host
from hvsim_fakes.rhel5xen.actor import await_answer
from hvsim_fakes.rhel5xen.driver import LIVE, UNDEFINE_SOURCE, Seen, XenDriver
from hvsim_fakes.rhel5xen.libvirt_error import LibvirtError
from hvsim_fakes.rhel5xen.options import OptionError, split
from hvsim_fakes.shell.secrets import conceal_argv
from hvsim_fakes.wirelog import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hvsim_fakes.shell.program import Process

STATES: Final = (
    "no state",
    "running",
    "idle",
    "paused",
    "in shutdown",
    "shut off",
    "crashed",
)
"""What virsh calls states, by their numbers."""
WRITES: Final = frozenset(
    {
        "autostart",
        "create",
        "define",
        "destroy",
        "migrate",
        "reboot",
        "restore",
        "resume",
        "save",
        "setmaxmem",
        "setmem",
        "setvcpus",
        "shutdown",
        "start",
        "suspend",
        "undefine",
    }
)
_OURS: Final = ("xen:///", "xen", "xen:/", "/", "")
_ALL_LONG: Final = ("all", "inactive", "live", "disable", "undefinesource", "quiet", "domain=")
_MORE_LONG: Final = ("file=", "desturi=", "kilobytes=", "count=", "persistent", "suspend")


class _Virsh:
    """One command of one run."""

    def __init__(self, process: Process, driver: XenDriver, args: list[str]) -> None:
        self.process = process
        self.driver = driver
        self.options, self.args = split(args, "", (*_ALL_LONG, *_MORE_LONG))

    def has(self, option: str) -> bool:
        """Whether an option is there."""
        return option in self.options

    def argument(self, number: int, name: str) -> str:
        """Return an argument that the command needs."""
        if number >= len(self.args):
            raise OptionError(f"command requires <{name}> option")
        return self.args[number]

    def guest(self) -> Seen:
        """Return the guest that the first argument names: by number, name or UUID."""
        asked = self.argument(0, "domain")
        try:
            return self._look(asked)
        except LibvirtError as error:
            text = f"error: failed to get domain '{asked}'\nerror: {error.message}"
            raise OptionError(text) from None

    def say(self, text: str) -> None:
        """Print a line."""
        self.process.out(f"{text}\n")

    def attempt(self, action: Callable[[], object], failure: str) -> None:
        """Do what may fail; with ``failure`` told before libvirt's own reason."""
        try:
            action()
        except LibvirtError as error:
            raise OptionError(f"error: {failure}\nerror: {error.message}") from None

    def path(self, number: int) -> str:
        """Return an argument as an absolute path."""
        return posixpath.normpath(
            posixpath.join(self.process.cwd, self.argument(number, "file")),
        )

    def read(self, number: int) -> str:
        """Return the content of the file that an argument names."""
        try:
            with self.process.world.access():
                content = self.process.host.system.files.read(self.path(number))
            return content.decode()
        except (FileError, UnicodeDecodeError) as error:
            reason = error.reason if isinstance(error, FileError) else "not text"
            text = f"error: Failed to open file '{self.args[number]}': {reason}"
            raise OptionError(text) from None

    def _look(self, asked: str) -> Seen:
        if asked.isascii() and asked.isdigit() and len(asked) < 10:
            try:
                return self.driver.by_id(int(asked))
            except LibvirtError:
                pass
        if len(asked) == 36 and asked.count("-") == 4:
            try:
                return self.driver.by_uuid(asked.lower())
            except LibvirtError:
                pass
        return self.driver.by_name(asked)


def virsh(process: Process) -> int:
    """Carry out ``virsh [-c URI] [-q] <command> ...``, or commands that are read."""
    arguments = process.argv[1:]
    uri, quiet = "", False
    while arguments and arguments[0].startswith("-"):
        option = arguments.pop(0)
        if option in ("-c", "--connect") and arguments:
            uri = arguments.pop(0)
        elif option in ("-q", "--quiet"):
            quiet = True
        elif option in ("-v", "--version"):
            process.out("0.8.2\n")
            return 0
        elif option not in ("-r", "--readonly", "-t", "--timing"):
            return process.fail(f"error: unsupported option '{option}'. See --help.", 1)
    if uri not in _OURS:
        text = f"error: no connection driver available for {uri}\n"
        return process.fail(f"{text}error: failed to connect to the hypervisor", 1)
    if arguments:
        return _run(process, arguments, quiet=quiet)
    return _converse(process, quiet=quiet)


def is_write(argv: Sequence[str]) -> bool:
    """Whether a command line changes anything."""
    return any(word in WRITES for word in argv[1:4])


def label(argv: Sequence[str]) -> str:
    """Return what the wire log calls a command line."""
    name = next((word for word in argv[1:] if word in COMMANDS), "")
    return f"virsh {name}".rstrip()


def _converse(process: Process, *, quiet: bool) -> int:
    """Carry out the commands that stdin gives, one a line."""
    status = 0
    if not quiet:
        process.out(
            "Welcome to virsh, the virtualization interactive terminal.\n\n"
            "Type:  'help' for help with commands\n       'quit' to quit\n\n"
        )
    while (line := process.prompt("virsh # ")) is not None:
        words = line.split()
        if words and words[0] in ("quit", "exit"):
            break
        if words:
            status = _run(process, words, quiet=quiet)
            _note(process, words, status)
    return status


def _note(process: Process, words: list[str], status: int) -> None:
    """Put a command that was typed into the wire log: the program's own entry tells none."""
    host, argv = process.host, ["virsh", *words]
    if host.wirelog is not None:
        host.wirelog.record(
            time=process.world.clock.now(),
            product=host.product,
            endpoint=f"{host.owner}/{host.name}",
            client=process.peer,
            call=label(argv),
            is_write=is_write(argv),
            outcome="ok" if status == 0 else f"exit {status}",
            params=mask({"argv": conceal_argv(argv)}),
        )


def _run(process: Process, arguments: list[str], *, quiet: bool) -> int:
    host = process.host.context
    name, *rest = arguments
    command = COMMANDS.get(name)
    if command is None:
        return process.fail(f"error: unknown command: '{name}'", 1)
    if not isinstance(host, Host):
        return process.fail("error: failed to connect to the hypervisor", 1)
    try:
        await_answer(process, host, host.xend)
        driver = XenDriver(host, process)
        driver.active()
        command(_Virsh(process, driver, rest))
    except OptionError as error:
        text = str(error)
        return process.fail(text if text.startswith("error: ") else f"error: {text}", 1)
    except LibvirtError as error:
        return process.fail(f"error: {error.message}", 1)
    if not quiet:
        process.out("\n")
    return 0


# -- looking -------------------------------------------------------------------------------------


def _list(run: _Virsh) -> None:
    active = [] if run.has("inactive") else run.driver.active()
    both = run.has("all") or run.has("inactive")
    run.say(f"{'Id':>3} {'Name':<20} State")
    run.say("----------------------------------")
    for seen in active:
        run.say(f"{seen.id:>3} {seen.name:<20} {STATES[seen.state]}")
    for seen in sorted(run.driver.inactive(), key=lambda found: found.name) if both else ():
        run.say(f"{'-':>3} {seen.name:<20} {STATES[seen.state]}")


def _domstate(run: _Virsh) -> None:
    run.say(STATES[run.guest().state])


def _dominfo(run: _Virsh) -> None:
    seen = run.guest()
    facts = {
        "Id:": str(seen.id) if seen.active else "-",
        "Name:": seen.name,
        "UUID:": seen.uuid,
        "OS Type:": "hvm" if seen.config.hvm else "linux",
        "State:": STATES[seen.state],
        "CPU(s):": str(seen.vcpus),
        **({"CPU time:": f"{seen.cpu_time / 1e9:.1f}s"} if seen.cpu_time else {}),
        "Max memory:": f"{seen.maxmem} kB",
        "Used memory:": f"{seen.memory} kB",
        "Persistent:": "yes" if run.driver.persistent(seen) else "no",
        "Autostart:": "enable" if run.driver.starts_with_host(seen) else "disable",
    }
    for key, value in facts.items():
        run.say(f"{key:<15} {value}")


def _dumpxml(run: _Virsh) -> None:
    run.say(run.driver.xml(run.guest()).rstrip("\n"))


def _domid(run: _Virsh) -> None:
    seen = run.guest()
    run.say(str(seen.id) if seen.active else "-")


def _domuuid(run: _Virsh) -> None:
    run.say(run.guest().uuid)


def _domname(run: _Virsh) -> None:
    run.say(run.guest().name)


def _nodeinfo(run: _Virsh) -> None:
    host = run.driver.host
    for key, value in (
        ("CPU model:", "x86_64"),
        ("CPU(s):", host.server.cpus),
        ("CPU frequency:", "2400 MHz"),
        ("CPU socket(s):", 1),
        ("Core(s) per socket:", host.server.cpus),
        ("Thread(s) per core:", 1),
        ("NUMA cell(s):", 1),
        ("Memory size:", f"{host.memory * 1024} kB"),
    ):
        run.say(f"{key:<20} {value}")


def _hostname(run: _Virsh) -> None:
    run.say(run.driver.host.system.nodename)


def _uri(run: _Virsh) -> None:
    run.say("xen:///")


def _version(run: _Virsh) -> None:
    run.say("Compiled against library: libvir 0.8.2\nUsing library: libvir 0.8.2")
    run.say("Using API: Xen 3.0.1\nRunning hypervisor: Xen 3.1.0")


# -- changes -------------------------------------------------------------------------------------


def _start(run: _Virsh) -> None:
    seen = run.guest()
    if seen.active:
        raise OptionError("Domain is already active")
    run.attempt(lambda: run.driver.start(seen), f"Failed to start domain {seen.name}")
    run.say(f"Domain {seen.name} started")


def _on_guest(
    act: Callable[[XenDriver, Seen], object], failure: str, success: str
) -> Callable[[_Virsh], None]:
    def command(run: _Virsh) -> None:
        seen = run.guest()
        run.attempt(lambda: act(run.driver, seen), f"Failed to {failure} domain {seen.name}")
        run.say(f"Domain {seen.name} {success}")

    return command


def _save(run: _Virsh) -> None:
    seen, path = run.guest(), run.path(1)
    failure = f"Failed to save domain {seen.name} to {run.args[1]}"
    run.attempt(lambda: run.driver.save(seen, path), failure)
    run.say(f"Domain {seen.name} saved to {run.args[1]}")


def _restore(run: _Virsh) -> None:
    path = run.path(0)
    run.attempt(lambda: run.driver.restore(path), f"Failed to restore domain from {run.args[0]}")
    run.say(f"Domain restored from {run.args[0]}")


def _define(run: _Virsh) -> None:
    xml, made = run.read(0), []
    failure = f"Failed to define domain from {run.args[0]}"
    run.attempt(lambda: made.append(run.driver.define(xml)), failure)
    run.say(f"Domain {made[0].name} defined from {run.args[0]}")


def _create(run: _Virsh) -> None:
    xml, made = run.read(0), []
    failure = f"Failed to create domain from {run.args[0]}"
    run.attempt(lambda: made.append(run.driver.create(xml)), failure)
    run.say(f"Domain {made[0].name} created from {run.args[0]}")


def _autostart(run: _Virsh) -> None:
    seen, on = run.guest(), not run.has("disable")
    word = "marked" if on else "unmarked"
    failure = f"Failed to {word[:-2]} domain {seen.name} as autostarted"
    run.attempt(lambda: run.driver.set_autostart(seen, on=on), failure)
    run.say(f"Domain {seen.name} {word} as autostarted")


def _migrate(run: _Virsh) -> None:
    seen, to = run.guest(), run.argument(1, "desturi")
    flags = (LIVE if run.has("live") else 0) | (UNDEFINE_SOURCE if run.has("undefinesource") else 0)
    run.driver.migrate(seen, _host_of(to), flags)


def _host_of(uri: str) -> str:
    """Return the host of a libvirt URI, which the driver then asks xend to move a domain to."""
    if not uri.startswith("xen"):
        return uri
    place = uri.partition("//")[2].partition("/")[0]
    return place.rpartition("@")[2]


def _sized(act: Callable[[XenDriver, Seen, int], object], text: str) -> Callable[[_Virsh], None]:
    def command(run: _Virsh) -> None:
        seen, number = run.guest(), run.argument(1, "number")
        if not (number.isascii() and number.isdigit() and 0 < int(number[:12]) < 10**11):
            raise OptionError(text.format(number))
        act(run.driver, seen, int(number))

    return command


COMMANDS: Final[dict[str, Callable[[_Virsh], None]]] = {
    "autostart": _autostart,
    "create": _create,
    "define": _define,
    "destroy": _on_guest(XenDriver.destroy, "destroy", "destroyed"),
    "domid": _domid,
    "dominfo": _dominfo,
    "domname": _domname,
    "domstate": _domstate,
    "domuuid": _domuuid,
    "dumpxml": _dumpxml,
    "hostname": _hostname,
    "list": _list,
    "migrate": _migrate,
    "nodeinfo": _nodeinfo,
    "reboot": _on_guest(
        lambda driver, seen: driver.shutdown(seen, "reboot"), "reboot", "is being rebooted"
    ),
    "restore": _restore,
    "resume": _on_guest(XenDriver.resume, "resume", "resumed"),
    "save": _save,
    "setmaxmem": _sized(XenDriver.set_maximum, "Invalid value of {} for memory size"),
    "setmem": _sized(XenDriver.set_memory, "Invalid value of {} for memory size"),
    "setvcpus": _sized(XenDriver.set_vcpus, "Invalid number of virtual CPUs."),
    "shutdown": _on_guest(XenDriver.shutdown, "shutdown", "is being shutdown"),
    "start": _start,
    "suspend": _on_guest(XenDriver.suspend, "suspend", "suspended"),
    "undefine": _on_guest(XenDriver.undefine, "undefine", "has been undefined"),
    "uri": _uri,
    "version": _version,
}
