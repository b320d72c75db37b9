"""``zoneadm``: lists zones, and brings them from state to state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hvsim.errors import Refusal
from hvsim.zones import installing
from hvsim.zones.commands import (
    AttachZone,
    BootZone,
    CloneZone,
    DetachZone,
    HaltZone,
    InstallZone,
    MarkZone,
    MoveZone,
    ReadyZone,
    RebootZone,
    ShutDownZone,
    UninstallZone,
)
from hvsim.zones.errors import ALREADY, ZoneError
from hvsim.zones.rules import demand
from hvsim.zones.verify import problems
from hvsim.zones.zone import GLOBAL, State
from hvsim_fakes.shell.program import SIGHUP
from hvsim_fakes.zones import listing, texts
from hvsim_fakes.zones.getopt import OptionError, getopt
from hvsim_fakes.zones.install_text import text_of
from hvsim_fakes.zones.place import place_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.operations import Operation
    from hvsim.zones.commands import ZoneCommand
    from hvsim.zones.host import ZoneHost
    from hvsim.zones.zone import Phase
    from hvsim_fakes.shell.program import Argv, Process

OK, FAILED, USAGE = 0, 1, 2


@dataclass(frozen=True)
class Run:
    """One run: where, about which zone (None: none was named), and the subcommand's arguments."""

    process: Process
    host: ZoneHost
    name: str | None
    verb: str
    args: list[str]

    @property
    def zone(self) -> str:
        """The zone's name; raises ZoneError when none was given."""
        if self.name is None:
            raise ZoneError("no-zone")
        return self.name

    def options(self, spec: str) -> tuple[dict[str, str], list[str]]:
        """Return the subcommand's options and operands; raises OptionError."""
        found, rest = getopt("zoneadm", spec, self.args)
        return dict(found), rest


class UsageError(Exception):
    """The command line is no good; the message is printed before the usage."""


USAGES: Final = {
    "help": "help",
    "boot": "boot [-- boot_arguments]",
    "halt": "halt",
    "ready": "ready",
    "reboot": "reboot [-- boot_arguments]",
    "shutdown": "shutdown [-r [-- boot_arguments]]",
    "list": "list [-cinpv]",
    "verify": "verify",
    "install": "install [-x nodataset] [brand-specific args]",
    "uninstall": "uninstall [-F] [brand-specific args]",
    "clone": "clone [-m method] [-s <ZFS snapshot>] [brand-specific args] zonename",
    "move": "move zonepath",
    "detach": "detach [-n] [brand-specific args]",
    "attach": "attach [-F] [-n <path>] [brand-specific args]",
    "mark": "mark incomplete",
}
_WITHOUT_ZONE: Final = frozenset({"help", "list"})
_READS: Final = frozenset({"help", "list", "verify"})


def writes(argv: Argv) -> bool:
    """Tell whether a command line changes anything."""
    return verb_of(argv) not in (*_READS, "")


def label(argv: Argv) -> str:
    """Return what the wire log calls a command line: with its subcommand."""
    return f"zoneadm {verb_of(argv)}".rstrip()


def verb_of(argv: Argv) -> str:
    """Return the subcommand of a command line, empty without a known one."""
    try:
        _, rest = getopt("zoneadm", "?u:z:R:", argv[1:])
    except OptionError:
        return ""
    return rest[0] if rest and rest[0] in USAGES else ""


def zoneadm(process: Process) -> int:
    """Run a command line."""
    try:
        found, rest = getopt("zoneadm", "?u:z:R:", process.argv[1:])
    except OptionError as error:
        process.err(f"{error}\n{_usage(process)}")
        return USAGE
    options = dict(found)
    if "?" in options:
        process.out(_usage(process))
        return OK
    if not rest or rest[0] not in _VERBS:
        process.err(_usage(process))
        return USAGE
    return _run(process, options, rest)


_ELSEWHERE: Final = "must be in the global zone to {} a zone."


def _run(process: Process, options: dict[str, str], rest: list[str]) -> int:
    place = place_of(process)
    verb = rest[0]
    if place.zone is not None and verb not in _WITHOUT_ZONE:
        inside = verb in ("halt", "reboot", "shutdown")
        refusal = f"use {verb}(1M) to {verb} this zone." if inside else _ELSEWHERE.format(verb)
        return _say(process, options.get("z"), refusal)
    if verb not in _READS and not process.account.privileged:
        return _say(process, options.get("z"), f"only a privileged user may {verb} a zone.")
    name = options.get("z")
    if "u" in options:
        name = _by_uuid(place.host, process, options["u"]) or name
        if name is None:
            return process.fail("zoneadm: illegal UUID value specified", USAGE)
    if name is None and verb not in _WITHOUT_ZONE:
        return _say(process, None, "no zone specified")
    return _judged(Run(process, place.host, name, verb, rest[1:]))


def _judged(run: Run) -> int:
    process = run.process
    try:
        return _VERBS[run.verb](run)
    except OptionError as error:
        process.err(f"{error}\n{_usage_of(run.verb)}")
        return USAGE
    except UsageError as error:
        process.err(f"{error}\n" if str(error) else "")
        process.err(_usage_of(run.verb))
        return USAGE
    except ZoneError as error:
        return _tell(run, error)


def _tell(run: Run, error: ZoneError) -> int:
    process = run.process
    if error.code == "unknown-command":
        process.err(_usage(process))
        return USAGE
    process.err(texts.about("zoneadm", run.name or "", error))
    if error.code in ALREADY:
        return OK
    if error.code in texts.DAEMON_ERRORS and run.verb in texts.CALLS_DAEMON:
        _say(process, run.name, "call to zoneadmd failed")
    return FAILED


def _say(process: Process, zone: str | None, text: str) -> int:
    about = "" if zone is None else f"zone '{zone}': "
    return process.fail(f"zoneadm: {about}{text}")


def _by_uuid(host: ZoneHost, process: Process, uuid: str) -> str | None:
    with process.world.access():
        return next((z.name for z in host.zones.values() if uuid and z.uuid == uuid), None)


def _usage(process: Process) -> str:
    lines = ["usage:\tzoneadm help", "\tzoneadm [-z <zone>] [-u <uuid>] list"]
    lines += ["\tzoneadm {-z <zone>|-u <uuid>} <subcommand>", "", "Subcommands:", ""]
    return "\n".join(lines) + "\n" + "".join(f"{text}\n" for text in _offered(process))


def _offered(process: Process) -> list[str]:
    has = "zoneadm-has-shutdown" in place_of(process).host.behaviours
    return [text for verb, text in USAGES.items() if has or verb != "shutdown"]


def _usage_of(verb: str) -> str:
    return f"usage:\t{USAGES[verb]}\n"


# The subcommands


def _help(run: Run) -> int:
    if run.args and run.args[0] in USAGES:
        run.process.out(_usage_of(run.args[0]))
    else:
        run.process.out(_usage(run.process))
    return OK


def _list(run: Run) -> int:
    options, rest = run.options("?cinpv")
    if "?" in options:
        run.process.out(_usage_of("list"))
        return OK
    if rest:
        raise UsageError("")
    if "p" in options and "v" in options:
        raise UsageError("zoneadm: list -p and -v are mutually exclusive.")
    if run.name is not None and ("i" in options or "c" in options):
        raise UsageError("")
    with run.process.world.access():
        entries = _entries(run, options)
        lines = _lines(run.host, entries, options)
    run.process.out("".join(f"{line}\n" for line in lines))
    return OK


def _entries(run: Run, options: dict[str, str]) -> list[listing.Entry]:
    own = place_of(run.process).zone
    if own is not None:
        return [listing.entry_of(own, inside=True)]
    if run.name == GLOBAL:
        return [listing.global_entry(run.host)]
    if run.name is not None:
        return [listing.entry_of(run.host.zone(run.name))]
    found = listing.chosen(run.host, installed="i" in options, configured="c" in options)
    return found[1:] if "n" in options else found


def _lines(host: ZoneHost, entries: list[listing.Entry], options: dict[str, str]) -> list[str]:
    if "v" in options:
        return listing.verbose(host, entries)
    if "p" in options:
        return [listing.parsable(host, entry) for entry in entries]
    return [entry.name for entry in entries]


def _verify(run: Run) -> int:
    run.options("?")
    with run.process.world.access():
        zone = demand(run.host, run.zone, "verify")
        wrong = list(problems(zone.config))
        if not wrong:
            installing.demand_place(run.host, zone)
            missing = not run.host.system.files.exists(zone.config.zonepath)
            path = zone.config.zonepath
    if wrong:
        lines = [texts.CONFIG_MESSAGES[one.code].format(*one.params) for one in wrong]
        run.process.err("".join(f"{line}\n" for line in lines))
        return run.process.fail(f"zoneadm: zone {run.zone} failed to verify")
    if missing:
        run.process.err(
            f"WARNING: {path} does not exist, so it could not be verified.\n"
            f"When 'zoneadm install' is run, 'install' will try to create\n"
            f"{path}, and 'verify' will be tried again,\nbut the 'verify' may fail if:\n"
            f"the parent directory of {path} is group- or other-writable\nor\n"
            f"{path} overlaps with any other installed zones.\n"
        )
    return OK


def _boot(run: Run) -> int:
    return _carry_out(run, BootZone(host=run.host.name, zone=run.zone))


def _ready(run: Run) -> int:
    run.options("?")
    return _carry_out(run, ReadyZone(host=run.host.name, zone=run.zone))


def _halt(run: Run) -> int:
    run.options("?")
    return _carry_out(run, HaltZone(host=run.host.name, zone=run.zone))


def _reboot(run: Run) -> int:
    return _carry_out(run, RebootZone(host=run.host.name, zone=run.zone))


def _shutdown(run: Run) -> int:
    if "zoneadm-has-shutdown" not in run.host.behaviours:
        raise ZoneError("unknown-command", "shutdown")
    options, _ = run.options("?r")
    reboot = "r" in options
    return _carry_out(run, ShutDownZone(host=run.host.name, zone=run.zone, reboot=reboot))


def _install(run: Run) -> int:
    run.options("?x:c:m:d:a:usvp")
    return _make(run, InstallZone(host=run.host.name, zone=run.zone))


def _clone(run: Run) -> int:
    options, rest = run.options("?m:s:c:")
    if len(rest) != 1 or options.get("m", "copy") != "copy":
        raise UsageError("")
    return _make(run, CloneZone(host=run.host.name, zone=run.zone, source=rest[0]))


def _uninstall(run: Run) -> int:
    options, rest = run.options("?F")
    if rest:
        raise UsageError("")
    with run.process.world.access():
        demand(run.host, run.zone, "uninstall")
    if "F" not in options and not _sure(run):
        return FAILED
    return _carry_out(run, UninstallZone(host=run.host.name, zone=run.zone))


def _sure(run: Run) -> bool:
    """Ask whether a zone is really to be uninstalled; refuse where nobody can be asked."""
    if not run.process.stdin.is_tty:
        text = "Input not from terminal and -F not specified: uninstall not done."
        _say(run.process, run.name, text)
        return False
    answer = run.process.prompt(f"Are you sure you want to uninstall zone {run.zone} (y/[n])? ")
    return (answer or "").strip().lower() in ("y", "yes")


def _detach(run: Run) -> int:
    options, _ = run.options("?nF")
    if "n" in options:
        return _dry(run, "detach")
    return _carry_out(run, DetachZone(host=run.host.name, zone=run.zone))


def _attach(run: Run) -> int:
    options, _ = run.options("?Fn:uUa:d:bx:")
    force = "F" in options
    return _carry_out(run, AttachZone(host=run.host.name, zone=run.zone, force=force))


def _dry(run: Run, command: str) -> int:
    """Only ask whether a command would be taken, and print the configuration it would write."""
    with run.process.world.access():
        zone = demand(run.host, run.zone, command)
    run.process.out(f'<?xml version="1.0"?>\n<zone name="{zone.name}" uuid="{zone.uuid}"/>\n')
    return OK


def _move(run: Run) -> int:
    _, rest = run.options("?")
    if len(rest) != 1:
        raise UsageError("")
    return _carry_out(run, MoveZone(host=run.host.name, zone=run.zone, path=rest[0]))


def _mark(run: Run) -> int:
    _, rest = run.options("?")
    known = {State.INCOMPLETE.value, State.UNAVAILABLE.value}
    if len(rest) != 1 or rest[0] not in known:
        raise UsageError("")
    try:
        run.process.execute(MarkZone(host=run.host.name, zone=run.zone, state=State(rest[0])))
    except ZoneError as error:
        if error.code == "bad-mark":
            raise UsageError("") from None
        raise
    return OK


def _carry_out(run: Run, command: ZoneCommand) -> int:
    """Give a command and wait for its end; the operation outlives a client that hangs up."""
    run.process.ignore(SIGHUP)
    operation = run.process.wait(run.process.execute(command))
    return _ended(operation)


def _make(run: Run, command: ZoneCommand) -> int:
    """Give a command and print its phases as it goes through them."""
    process, host = run.process, run.host
    process.ignore(SIGHUP)
    with process.world.access():
        operation: Operation = process.execute(command)
        zone = host.zones[run.zone]
        text = text_of(host.profile, zone, operation.started, process.host.epoch)
    told = 0
    while True:
        process.wait_until(_news(operation, zone.phases, told), host.topic, operation.topic)
        with process.world.access():
            fresh, over = zone.phases[told:], operation.done
        if run.verb == "clone":
            process.out("".join(_clone_text(host, phase, command) for phase in fresh))
        else:
            process.out("".join(text.lines(phase) for phase in fresh))
        told += len(fresh)
        if over:
            return _ended(operation)


def _news(operation: Operation, phases: list[Phase], told: int) -> Callable[[], bool]:
    return lambda: operation.done or len(phases) > told


def _clone_text(host: ZoneHost, phase: Phase, command: ZoneCommand) -> str:
    if phase[0] != "copy" or not isinstance(command, CloneZone):
        return ""
    return f"Copying {host.zones[command.source].config.zonepath}...\n"


def _ended(operation: Operation) -> int:
    error = operation.error
    if error is None:
        return OK
    if isinstance(error, ZoneError):
        raise error
    raise Refusal(f"zoneadm: {error}")


_VERBS: Final[dict[str, Callable[[Run], int]]] = {
    "attach": _attach,
    "boot": _boot,
    "clone": _clone,
    "detach": _detach,
    "halt": _halt,
    "help": _help,
    "install": _install,
    "list": _list,
    "mark": _mark,
    "move": _move,
    "ready": _ready,
    "reboot": _reboot,
    "shutdown": _shutdown,
    "uninstall": _uninstall,
    "verify": _verify,
}
