r"""What a command of a simulated host is, and what it is given.

How a product adds commands
---------------------------
A **program** is a function of one argument that returns the exit status::

    registry = Registry(STANDARD)            # hvsim_fakes.shell.standard: echo, grep, awk, ...

    @registry.program("zonename", "/usr/bin/zonename")
    def zonename(process: Process) -> int:
        process.out("global\n")
        return 0

    @registry.program("/usr/sbin/zoneadm", writes=changes_something)
    def zoneadm(process: Process) -> int:
        host = process.host.context          # whatever the product put there
        ...
        operation = process.execute(BootZone(host=..., zone=...))   # a journalled command
        process.wait(operation)              # simulated time; the thread parks, nobody else waits
        return 0 if operation.error is None else process.fail("zoneadm: ...", 1)

``writes`` says whether a command line changes anything: True, False (default) or a function of
``argv``. Programs registered by a product are noted in the wire log, one entry for each run: its
``call`` is ``label(argv)`` (by default the base name), its params hold ``argv``, its outcome is
``ok`` or ``exit <status>``. The shell's own tools are not noted.

Tools that only serve other programs can pass ``noted=False``.

A name with a slash is a path in the host's file system (the registry makes the file appear there,
executable); it is found through ``PATH`` by its base name as well. A bare name (``zonename``)
stands for ``/usr/bin/<name>``.

Then a product describes each host and gives it a door in ``doors_of``::

    host = Host(world, system, registry, product="zones", owner="zones1", uname=..., context=obj)
    door = ShellDoor(owner, ref, server, host, silence, watch)        # hvsim_fakes.ssh.door

where ``system`` comes from ``hvsim.systems.add_system(world, name, nodename, accounts)`` at the
time the product's part of the world is built (the domain may read and write ``system.files``
directly, under the world's lock, inside its commands and operations).

Rules for programs
------------------
- Each runs in a thread of its command line, outside the world's lock. Read the world under
  ``with process.world.access():``; change it by :meth:`Process.execute`; nothing else.
- Text out by :meth:`Process.out` and :meth:`Process.err` (str as UTF-8, or bytes); they
  are buffered and flushed when the program waits, reads its terminal, or ends.
- :class:`Interrupted` (hang-up, ^C, the session's limits, a closed pipe) may be raised by any
  read, write or wait: let it pass. To carry on after the client has gone (as zoneadm does),
  call ``process.ignore(SIGHUP)`` first: writes then go nowhere and waits wait on.
- File errors are :class:`hvsim.files.FileError` (``.number`` an errno, ``.reason`` its text).
- An uncaught :class:`hvsim.errors.Refusal` ends a program with status 1 and its text on stderr.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from hvsim.commands import Command
    from hvsim.operations import Operation
    from hvsim.systems import Account, System
    from hvsim.world import World
    from hvsim_fakes.shell.view import View
    from hvsim_fakes.wirelog import WireLog

SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGTERM, SIGXCPU, SIGXFSZ = 1, 2, 9, 13, 15, 24, 25

Argv = Sequence[str]
Program = Callable[["Process"], int]


class Interrupted(BaseException):
    """A signal ends the program; the status is 128 + ``signal``.

    Not an ``Exception``, so that a program's own error handling does not swallow it.
    """

    def __init__(self, signal: int) -> None:
        self.signal = signal
        super().__init__(f"signal {signal}")


class Reader(Protocol):
    """Where a program reads from: a file, a pipe, the client. Bytes; empty at the end."""

    @property
    def is_tty(self) -> bool:
        """Whether it is the session's terminal."""

    def read(self) -> bytes:
        """Return everything up to the end."""

    def read_some(self, most: int = 65_536) -> bytes:
        """Wait for at least one byte; return ``most`` at most, none at the end."""

    def read_line(self) -> bytes:
        """Return the next line with its newline (the last may have none), none at the end."""


class Writer(Protocol):
    """Where a program writes to: a file, a pipe, the client. ``write`` is the same as a call."""

    @property
    def is_tty(self) -> bool:
        """Whether it is the session's terminal."""

    def __call__(self, text: str | bytes) -> None:
        """Write; text as UTF-8. Buffered."""

    def write(self, text: str | bytes) -> None:
        """Write; text as UTF-8. Buffered."""

    def flush(self) -> None:
        """Let what was written be seen now."""


@dataclass(frozen=True, slots=True)
class Uname:
    """What ``uname`` says: -s -n is the system's nodename, -r -v -m -p -i."""

    sysname: str = "SunOS"
    release: str = "5.10"
    version: str = "Generic"
    machine: str = "i86pc"
    processor: str = "i386"
    platform: str = "i86pc"


@dataclass(slots=True)
class Host:
    """A simulated host that commands run on; a zone inside one is a host with its own ``root``.

    Attributes:
        system: the operating system, with accounts and files.
        registry: its commands.
        product: as in the wire log (``zones``, ``rhel5xen``).
        owner: the product instance's name in the lab; with the system's nodename it names the
            endpoint in the wire log.
        context: the product's own object of the host.
        root: where its file system begins in the system's.
        nodename: None takes the system's.
        environment: beyond HOME, LOGNAME, PATH, PWD, SHELL, USER.
        path: the search path of a login.
        epoch: Unix time, in seconds, at which the lab began.
    """

    world: World
    system: System
    registry: Registry
    product: str
    owner: str
    context: Any = None
    uname: Uname = field(default_factory=Uname)
    root: str = "/"
    nodename: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    path: str = "/usr/sbin:/usr/bin:/sbin:/bin"
    banner: str = ""
    """Printed at an interactive login (the message of the day)."""
    epoch: float = 1_230_768_000.0
    wirelog: WireLog | None = None
    not_found: str = "{shell}: {name}: not found"
    """What the shell says about a command it cannot find."""
    echo_escapes: bool = True
    """Whether ``echo`` heeds backslashes, as the shells of System V do and bash does not."""

    @property
    def name(self) -> str:
        """What ``hostname`` says."""
        return self.system.nodename if self.nodename is None else self.nodename


class Process(Protocol):
    """One run of a program."""

    @property
    def argv(self) -> list[str]:
        """The command line; ``argv[0]`` as it was typed."""

    @property
    def stdin(self) -> Reader:
        """Standard input."""

    @property
    def out(self) -> Writer:
        """Standard output."""

    @property
    def err(self) -> Writer:
        """Standard error."""

    @property
    def env(self) -> dict[str, str]:
        """The exported variables; its own copy."""

    @property
    def cwd(self) -> str:
        """Working directory."""

    @property
    def account(self) -> Account:
        """Who runs it."""

    @property
    def host(self) -> Host:
        """Where it runs."""

    @property
    def world(self) -> World:
        """The simulated datacentre."""

    @property
    def files(self) -> View:
        """The host's files as this account sees them from its working directory."""

    @property
    def tty(self) -> str | None:
        """Name of the session's terminal (``pts/1``); None without one."""

    @property
    def peer(self) -> str:
        """Address of the client."""

    def execute(self, command: Command) -> Any:
        """Carry out a journalled command; raises the ``HvsimError`` it refuses with."""

    def wait(self, operation: Operation) -> Operation:
        """Wait until an operation has ended, in simulated time; return it.

        Raises:
            Interrupted: when a signal comes that is not ignored.
        """

    def wait_until(self, ready: Callable[[], bool], *topics: str) -> None:
        """Wait until ``ready()``, judged under the world's lock whenever a topic is woken.

        For streaming: wait for the next progress (an operation's topic is woken then), write,
        wait again. Raises as :meth:`wait`.
        """

    def sleep(self, seconds: float) -> None:
        """Let simulated time pass. Raises as :meth:`wait`."""

    def step(self, count: int = 1) -> None:
        """Use up steps of the session's limits; a loop that reads and writes nothing calls it."""

    def flush(self) -> None:
        """Let everything that was written be seen."""

    def ignore(self, signal: int) -> None:
        """Carry on when ``signal`` comes."""

    def fail(self, text: str, status: int = 1) -> int:
        """Write a line to stderr and return ``status``."""

    def prompt(self, text: str, *, echo: bool = True) -> str | None:
        """Ask on the terminal (or stdout) for a line of stdin; None at its end."""

    def open(self, path: str) -> Reader:
        """Open a file or device to read; raises FileError."""

    def run(
        self,
        argv: Argv,
        *,
        stdin: Reader | None = None,
        out: Writer | None = None,
        env: Mapping[str, str] | None = None,
    ) -> int:
        """Run another command of the host, as ``xargs`` does; return its status."""

    def shell(
        self,
        script: str | None,
        args: Argv = (),
        *,
        host: Host | None = None,
        account: Account | None = None,
        login: bool = False,
    ) -> int:
        """Run shell text with the same stdin, stdout, stderr and terminal; return its status.

        Args:
            script: None reads commands from stdin: interactively on a terminal.
            host: another one, as ``zlogin`` does.
            account: another one (of that host), as ``su`` does.
            login: start in the account's home with a fresh environment.
        """


Writes = bool | Callable[[Argv], bool]
Label = Callable[[Argv], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered program."""

    path: str
    program: Program
    writes: Writes = False
    label: Label | None = None
    noted: bool = True

    def is_write(self, argv: Argv) -> bool:
        """Whether a command line changes anything."""
        return self.writes(argv) if callable(self.writes) else self.writes

    def call(self, argv: Argv) -> str:
        """Return the name of the call in the wire log."""
        return posixpath.basename(self.path) if self.label is None else self.label(argv)


class Registry:
    """The commands of a kind of host: its own ones over those of ``parent``."""

    def __init__(self, parent: Registry | None = None) -> None:
        self._entries: dict[str, Entry] = {entry.path: entry for entry in parent or ()}

    def add(
        self,
        program: Program,
        *names: str,
        writes: Writes = False,
        label: Label | None = None,
        noted: bool = True,
    ) -> None:
        """Register a program under paths or bare names; replaces an earlier one."""
        for name in names:
            path = name if "/" in name else f"/usr/bin/{name}"
            self._entries[path] = Entry(path, program, writes, label, noted)

    def program(
        self,
        *names: str,
        writes: Writes = False,
        label: Label | None = None,
        noted: bool = True,
    ) -> Callable[[Program], Program]:
        """Decorate a program to register it; see :meth:`add`."""

        def register(program: Program) -> Program:
            self.add(program, *names, writes=writes, label=label, noted=noted)
            return program

        return register

    def remove(self, *names: str) -> None:
        """Forget commands this kind of host does not have."""
        for name in names:
            self._entries.pop(name if "/" in name else f"/usr/bin/{name}", None)

    def at(self, path: str) -> Entry | None:
        """Return the program at an absolute path; ``/bin`` is the same as ``/usr/bin``."""
        found = self._entries.get(path)
        if found is None and path.startswith("/usr/"):
            return self._entries.get(path[4:])
        if found is None and path.startswith(("/bin/", "/sbin/")):
            return self._entries.get(f"/usr{path}")
        return found

    def below(self, directory: str) -> list[str]:
        """Return the names of the programs in a directory, in order of registration."""
        front = directory.rstrip("/") + "/"
        return [
            path[len(front) :]
            for path in self._entries
            if path.startswith(front) and "/" not in path[len(front) :]
        ]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())
