"""Fuzzing of hosts that are driven by a shell: any command line, with any input, at any time.

``python -m tests.fuzz shells [lines] [seed]`` runs it in full. What must hold:

- no line reaches the machine: the interpreter itself is asked (its audit events) whether a
  thread that carries out lines opens a file, starts a program or touches the network;
- every line ends, within its limits, with a status, and never in a fault of the simulator;
- hosts stay usable, no zone is left busy, and the journal replays to the same event log.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final, Self

import rhel5labs
import zonelabs
from fuzz.storm import Tally
from hvsim import journal, scenario
from hvsim.clock import Clock, ClockMode
from hvsim.pump import Pump
from hvsim_fakes.rhel5xen.doors import doors_of_site
from hvsim_fakes.shell.limits import ShellLimits
from hvsim_fakes.shell.local import run_command
from hvsim_fakes.wirelog import WireLog
from hvsim_fakes.zones.programs import host_of

if TYPE_CHECKING:
    from hvsim.world import World
    from hvsim_fakes.shell.program import Host

TARGETS: Final = (*zonelabs.PROFILES, "rhel5-xen")
LIMITS: Final = ShellLimits(steps=3_000, output=2**20, value=2**18, threads=16, depth=40)
THREADS: Final = 3
_ROUND: Final = 2_500
"""Lines that one lab gets; a fresh one then takes over."""
_PATIENCE: Final = 120.0
"""Seconds of the machine's time that no line takes, whatever else the machine does.

A loop without an end is ended by the limit of steps, of which a costly one takes milliseconds.
"""
_ENOUGH: Final = 10

_SCRIPTS = Path(__file__).parents[1] / "shell" / "scripts.txt"
_ZONES = (
    "zoneadm list -cp", "zoneadm list -iv", "zoneadm -z web boot", "zoneadm -z web halt",
    "zoneadm -z new install", "zoneadm -z db boot", "zoneadm -z db uninstall -F",
    "zoneadm -z copy clone db", "zoneadm -z db move /zones/moved", "zoneadm -z db detach",
    "zoneadm -z db attach", "zoneadm -z half mark incomplete", "zoneadm -z web reboot",
    "zonecfg -z copy 'create -b; set zonepath=/zones/copy'", "zonecfg -z web export",
    "zonecfg -z web info", "zonecfg -z copy delete -F", "zonecfg -z own -f -",
    "zlogin web zonename", "zlogin web 'cat /etc/passwd'", "zlogin -C web", "ps -z web -o args",
    "zfs list -H -o name", "df -k", "svcs -a", "prtconf", "psrinfo -pv", "kstat -p", "ifconfig -a",
)  # fmt: skip
_XEN = (
    "xm list", "xm list --long", "xm create spare", "xm pause web", "xm unpause web",
    "xm shutdown web", "xm destroy web", "xm save web /tmp/saved", "xm restore /tmp/saved",
    "xm migrate --live web beta", "xm mem-set web 256", "xm info", "xm reboot web",
    "virsh list --all",
    "virsh dumpxml web", "virsh start spare", "virsh suspend web", "virsh resume web",
    "virsh migrate --live web xen+ssh://beta/", "virsh define /etc/xen/web", "virsh dominfo web",
    "virsh setmem web 262144", "virsh undefine spare", "nc -U /var/run/libvirt/libvirt-sock",
)  # fmt: skip
_LINES = (
    "cat /etc/passwd /etc/shadow ../../../../etc/passwd", "rm -rf /", "rm -rf /*", "ls -laR /",
    "yes", "cat /dev/zero", "cat /dev/tty", "while :; do :; done", "f() { f | f & }; f",
    "sleep 10000", "sleep 1 & wait", "x=$(cat /dev/zero)", "mkdir -p /tmp/a/b; cd /tmp/a/b",
    "ln -s / /tmp/root; cat /tmp/root/etc/passwd", "exec 3</etc/passwd; cat <&3",
    ". /etc/profile", "eval 'eval echo $0'", "trap 'echo bye' EXIT; exit 4", "kill -9 $$",
    "find / -name '*' -exec echo {} ';'", "xargs -n1 sh -c", "awk 'BEGIN { while (1) x = x x }'",
    """awk 'BEGIN { system("id"); getline < "/etc/passwd"; print > "/tmp/x" }'""",
    "sed -e 's/\\(a*\\)*b/x/' -e 'w /tmp/w' /etc/passwd", "grep -E '(a+)+$' /etc/passwd",
    "expr aaaaaaaaaaaaaaaaaaaaaaaaaaaa : '\\(a*\\)*b'", "ssh-keygen -q -t ed25519 -N '' -f /tmp/k",
    "printf '%s%d%x%c%%' a 1 2 b", "test -e / -a ! -d /nix", "dd if=/dev/zero of=/tmp/z",
    "tar cf - /", "python3 -c 'print(1)'", "perl -e 1", "su - bob -c id", "id; who; date; uname -a",
    "read x y; echo $y$x", "set -eu; echo ${nix}", "export A=1 B; env",
    "umask 777; >/tmp/u",
    "nohup sleep 5 >/dev/null 2>&1 &",
    "timeout 5 cat", "tr a-z A-Z", "sort -u | uniq -c", "head -3", "echo x 1¹>/tmp/x; cut -b²",
)  # fmt: skip
_WRAPS = (
    "$({})", "`{}`", "({})", "{{ {}; }}", "if {}; then {}; else {}; fi", "! {}", "{} | {}",
    "{} & {}",
    "while {}; do {}; done", "for i in 1 2 $({}); do {}; done", "case $({}) in *) {};; esac",
    "{} && {} || {}", "f() {{ {}; }}; f", "{} >/tmp/o 2>&1", "{} </tmp/o", "cat <<E\n{}\nE",
    "cat <<'E'\n{}\nE\n", 'echo "{}"', "echo '{}'", "eval '{}'", "sh -c '{}'", "echo {} | sh",
    "x=$({}); {}", "$(( {} ))", "${{x:-{}}}", "{} {}", "zlogin web '{}'", "{}; {}", "time {}",
)  # fmt: skip
_MARKS = "$`\"'\\|&;<>(){}[]*?!~#=%^ \t\n\r\0-/.:,0aE\x1b\x7f\xff\u2028é"
_INPUTS = (
    "",
    "y\n",
    "create -b\nset zonepath=/zones/own\nexit\n",
    "a b\nc\n" * 50,
    "\0\xff\n",
    "n",
)


class Guard:
    """Notes what threads that carry out lines do to the machine.

    The interpreter keeps an audit hook for good; it looks away while no guard stands.
    """

    _standing: Guard | None = None
    _hooked = False
    _harmful = (
        "subprocess.",
        "os.",
        "shutil.",
        "socket.",
        "ctypes.",
        "pty.",
        "sqlite3.",
        "urllib.",
    )
    _harmless = frozenset({"os.listdir", "os.scandir", "os.putenv", "os.unsetenv"})

    def __init__(self) -> None:
        self.findings: list[str] = []
        own = {Path(place).resolve() for place in (*sys.path, sys.base_prefix, sys.prefix) if place}
        # The program's own modules are read when they are first used.
        self._own = tuple(str(place) for place in own)

    def __enter__(self) -> Self:
        Guard._standing = self
        if not Guard._hooked:
            sys.addaudithook(Guard._hear)
            Guard._hooked = True
        return self

    def __exit__(self, *_: object) -> None:
        Guard._standing = None

    @staticmethod
    def _hear(event: str, arguments: tuple[Any, ...]) -> None:
        guard = Guard._standing
        if guard is None or not threading.current_thread().name.startswith(("line", "hvsim-shell")):
            return
        if event == "open":
            guard._opened(arguments)
        elif event.startswith(Guard._harmful) and event not in Guard._harmless:
            guard.findings.append(f"a line reached the machine: {event} {arguments[:2]!r}")

    def _opened(self, arguments: tuple[Any, ...]) -> None:
        path, mode = arguments[0], arguments[1]
        reads = mode is None or (isinstance(mode, str) and not set(mode) & set("wax+"))
        # Reading modules, and what shows a fault's trace, is none of a line's doing.
        if isinstance(path, int) or (reads and str(path).startswith(self._own)):
            return
        self.findings.append(f"a line opened a file of the machine: {path!r} ({mode})")


class Writer:
    """Writes lines: whole ones, pieces of several, wrapped, cut and marred."""

    def __init__(self, target: str, seed: str) -> None:
        self.random = Random(seed)
        scripts = _SCRIPTS.read_text("utf-8").replace("⏎", "\n").replace("⇥", "\t").splitlines()
        product = _XEN if target == "rhel5-xen" else _ZONES
        self._pools = (scripts, product, product, _LINES)
        # Most lines are to mean something.
        self._ways = (*[self._wrapped] * 4, self._marred, self._cut, self._noise)

    def line(self) -> str:
        line = self._one()
        for _ in range(self.random.choice((0, 1, 1, 2, 3))):
            line = self.random.choice(self._ways)(line)
        return line[:4_000]

    def input(self) -> bytes:
        return self.random.choice(_INPUTS).encode("utf-8")

    def _one(self) -> str:
        return self.random.choice(self.random.choice(self._pools))

    def _wrapped(self, line: str) -> str:
        wrap = self.random.choice(_WRAPS)
        more = [line, *(self._one() for _ in range(wrap.count("{}") - 1))]
        self.random.shuffle(more)
        return wrap.format(*more)

    def _marred(self, line: str) -> str:
        letters = list(line)
        for _ in range(self.random.randint(1, 4)):
            letters.insert(self.random.randint(0, len(letters)), self.random.choice(_MARKS))
        return "".join(letters)

    def _cut(self, line: str) -> str:
        start, end = sorted(self.random.randint(0, len(line)) for _ in range(2))
        return line[:start] + line[end:]

    def _noise(self, line: str) -> str:
        words = line.split(" ")
        words[self.random.randrange(len(words))] = "".join(
            chr(self.random.choice((self.random.randrange(128), self.random.randrange(0x2FF))))
            for _ in range(self.random.randint(0, 6))
        )
        return " ".join(words)


class _Faults(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.findings: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.findings.append(f"a fault of the simulator: {self.format(record)[-1_500:]}")


def build(target: str, clock: Clock | None = None) -> World:
    """Return the world of a target."""
    if target == "rhel5-xen":
        return scenario.build(scenario.from_data(rhel5labs.data()), clock=clock)
    return scenario.build(scenario.from_data(zonelabs.data(target)), clock=clock)


def shell_of(world: World, target: str) -> Host:
    """Return the shell of a target's host."""
    if target == "rhel5-xen":
        return doors_of_site(world.product("site"), WireLog())[0].shell
    return host_of(world.product("sol1"), WireLog())


def siege(target: str, count: int, seed: str) -> Tally:
    """Run ``count`` lines on a fresh lab, some at once; return what came of it."""
    began, tally, lock = time.monotonic(), Tally(), threading.Lock()
    world = build(target, Clock(ClockMode.SCALED, 1e6))
    host, pump, faults = shell_of(world, target), Pump(world), _Faults()
    running: dict[int, tuple[float, str]] = {}

    def attack(number: int) -> None:
        writer = Writer(target, f"{seed}/{target}/{number}")
        for _ in range(count // THREADS):
            line, given = writer.line(), writer.input()
            running[number] = (time.monotonic(), line)
            try:
                outcome = run_command(host, line, given, limits=LIMITS)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                tally.findings.append(f"{line!r} raised {error!r}\n{traceback.format_exc()}")
                return
            taken = time.monotonic() - running.pop(number)[0]
            with lock:
                _judge(tally, line, outcome, taken)

    log = logging.getLogger("hvsim_fakes")
    with ExitStack() as stack:
        log.addHandler(faults)
        stack.callback(log.removeHandler, faults)
        stack.callback(pump.stop)
        guard = stack.enter_context(Guard())
        pump.start()
        threads = [
            threading.Thread(target=attack, args=(n,), name=f"line{n}", daemon=True)
            for n in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        _await(threads, running, tally)
        tally.findings += [*guard.findings[:_ENOUGH], *faults.findings[:_ENOUGH]]
    tally.findings += _aftermath(world, host, target)
    tally.seconds = time.monotonic() - began
    return tally


def _judge(tally: Tally, line: str, outcome: Any, taken: float) -> None:
    tally.requests += 1
    tally.slowest = max(tally.slowest, taken)
    tally.outcomes[f"exit {outcome.status}"] += 1
    if not 0 <= outcome.status < 256 or "Traceback" in outcome.err:
        tally.findings.append(f"{line!r} gave {outcome.status}: {outcome.err[-300:]!r}")


def _await(
    threads: list[threading.Thread], running: dict[int, tuple[float, str]], tally: Tally
) -> None:
    """Wait for the threads, unless a line hangs."""
    for thread in threads:
        while thread.is_alive():
            thread.join(0.5)
            now = time.monotonic()
            hung = [line for start, line in tuple(running.values()) if now - start > _PATIENCE]
            if hung:
                tally.findings += [f"a line hangs: {line!r}" for line in hung]
                return


def _aftermath(world: World, host: Host, target: str) -> list[str]:
    """Judge what is left once everything has calmed down."""
    findings = [
        f"a crash in the log: {event.after}"
        for event in world.log.since(0)
        if event.kind == "crash"
    ]
    while world.advance_to_next():
        pass
    if target != "rhel5-xen":
        zones = world.product("sol1").zones.values()
        findings += [f"zone {one.name} is left busy" for one in zones if one.busy is not None]
    line = "xm list" if target == "rhel5-xen" else "zoneadm list -cp"
    told = run_command(host, line)
    if told.status != 0 or not told.out:
        findings.append(f"the host is of no use any more: {told}")
    return [*findings[:_ENOUGH], *_replayed(world, target)]


def _replayed(world: World, target: str) -> list[str]:
    with world.access():
        lines = [entry.line() for entry in world.journal.entries]
        until, told = world.now, (world.log.generation, world.log.digest)
    again = build(target)
    again.replay(journal.parse(lines), until)
    found = (again.log.generation, again.log.digest)
    return [] if found == told else [f"replay gave {found} instead of {told}"]


def parts(count: int, seed: int) -> list[tuple[str, int, str]]:
    """Divide ``count`` lines among fresh labs of all targets."""
    rounds = max(len(TARGETS), round(count / _ROUND))
    size = max(THREADS, round(count / rounds / THREADS) * THREADS)
    return [(TARGETS[n % len(TARGETS)], size, f"{seed}.{n}") for n in range(rounds)]


def main(args: list[str]) -> int:
    """Run ``[lines] [seed]`` and tell what came of it; return the exit status."""
    count, seed = ([int(arg) for arg in args] + [100_000, 1][len(args) :])[:2]
    total = Tally()
    for target, size, name in parts(count, seed):
        tally = siege(target, size, name)
        total.add(tally)
        _tell(
            f"{target:10} {name:8} {tally.requests:6} lines {tally.seconds:6.1f} s, "
            f"slowest {tally.slowest:.2f} s, {len(tally.findings)} findings"
        )
        for finding in tally.findings[:_ENOUGH]:
            _tell(f"  - {finding}")
    _tell(f"{total.requests} lines in {total.seconds:.0f} s, {len(total.findings)} findings")
    for outcome, times in total.outcomes.most_common(12):
        _tell(f"  {times:7} {outcome}")
    return 1 if total.findings else 0


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
