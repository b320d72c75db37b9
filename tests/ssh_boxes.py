"""A lab of hosts that are entered by SSH and have a few commands of their own."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hvsim.clock import Clock, ClockMode
from hvsim.hardware import Server, Silence
from hvsim.operations import Stage
from hvsim.systems import Account, System, add_system
from hvsim.world import World
from hvsim_fakes.doors import doors_of
from hvsim_fakes.lab import Lab, Listening
from hvsim_fakes.shell.program import SIGHUP, Host, Process, Registry
from hvsim_fakes.shell.standard import STANDARD
from hvsim_fakes.ssh.door import ShellDoor
from hvsim_fakes.wirelog import WireLog  # noqa: TC001 - read at run time to register

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hvsim_fakes.ssh.limits import SshLimits

PASSWORD = "s3cret pass"
MISSING = [
    name for name in ("ssh", "scp", "sftp", "ssh-keygen", "sshpass") if not shutil.which(name)
]


@dataclass
class Boxes:
    """A product without any sense but hosts."""

    world: World
    systems: list[System]
    servers: list[Server]
    silence: Silence | None = None
    observers: list[Callable[[], None]] = field(default_factory=list)
    installed: int = 0

    def become(self, silence: Silence | None) -> None:
        with self.world.access():
            self.silence = silence
            for tell in self.observers:
                tell()


def registry(boxes: Boxes) -> Registry:
    found = Registry(STANDARD)

    @found.program("/usr/sbin/guests", writes=lambda argv: len(argv) > 1)
    def guests(process: Process) -> int:
        for number in range(1_000):
            process.out(f"{number}:guest{number}:running\n")
        return 0

    @found.program("/usr/sbin/install", writes=True)
    def install(process: Process) -> int:
        process.ignore(SIGHUP)

        def steps():
            for number in range(4):
                yield Stage("copy", 60.0, (number + 1) / 4)

        with process.world.access():
            operation = process.world.operations.start("install", "box/g", steps())
        shown = 0.0
        while not operation.done:
            process.wait_until(
                lambda seen=shown: operation.done or operation.progress > seen, operation.topic
            )
            shown = operation.progress
            process.out(f"{shown:.0%}\n")
        boxes.installed += 1
        return 0

    @found.program("ask")
    def ask(process: Process) -> int:
        secret = process.prompt("Password: ", echo=False)
        sure = process.prompt("Sure? ")
        process.out(f"<{secret}> <{sure}>\n")
        return 0

    return found


@doors_of.register
def _of_boxes(boxes: Boxes, wirelog: WireLog) -> list[ShellDoor]:
    commands = registry(boxes)
    return [
        ShellDoor(
            "boxes",
            server.name,
            server,
            Host(
                boxes.world,
                system,
                commands,
                "box",
                "boxes",
                wirelog=wirelog,
                banner="Welcome to the box\n",
            ),
            lambda: boxes.silence,
            boxes.observers.append,
        )
        for system, server in zip(boxes.systems, boxes.servers, strict=True)
    ]


def build(seed: int = 1, keys: Sequence[str] = (), hosts: int = 1) -> World:
    world = World(seed, Clock(ClockMode.SKIP_IDLE))
    systems, servers = [], []
    for number in range(1, hosts + 1):
        accounts = [
            Account("root", 0, 0, "/root", group="root", password=PASSWORD, keys=tuple(keys)),
            Account("bob", 100, 10, "/home/bob", group="staff", password="bob"),
            Account("nopass", 101, 10, "/home/nopass", group="staff"),
        ]
        system = add_system(world, f"box/h{number}", f"h{number}", accounts)
        system.files.set_owner("/home/bob", 100, 10)
        systems.append(system)
        servers.append(Server(f"h{number}", f"127.0.0.{60 + number}"))
    world.products["boxes"] = Boxes(world, systems, servers)
    return world


@dataclass
class Client:
    """OpenSSH's own programs, with everything that they keep in a directory."""

    lab: Lab
    place: Path
    user: str = "root"
    password: str | None = PASSWORD
    host: str = "h1"
    extra: tuple[str, ...] = ()

    @property
    def address(self) -> tuple[str, int]:
        return self.lab.ssh_address("boxes", self.host)

    def options(self) -> list[str]:
        settings = [
            "StrictHostKeyChecking=accept-new",
            f"UserKnownHostsFile={self.place}/known",
            "GlobalKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
            "ConnectTimeout=10",
            f"Port={self.address[1]}",
            f"PreferredAuthentications={'publickey' if self.password is None else 'password'}",
            *self.extra,
        ]
        return ["-F", "/dev/null", *(word for one in settings for word in ("-o", one))]

    def run(
        self, program: str, *args: str, stdin: str | bytes = b"", timeout: float = 40
    ) -> subprocess.CompletedProcess[str]:
        front = [] if self.password is None else ["sshpass", "-p", self.password]
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        done = subprocess.run(  # noqa: S603 - our own client
            [*front, program, *self.options(), *args],
            input=data,
            capture_output=True,
            timeout=timeout,
            check=False,
            cwd=self.place,
        )
        out, err = (part.decode("utf-8", "surrogateescape") for part in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def ssh(self, line: str = "", *flags: str, **how) -> subprocess.CompletedProcess[str]:
        target = f"{self.user}@{self.address[0]}"
        return self.run("ssh", *flags, target, *([line] if line else []), **how)

    def remote(self, path: str) -> str:
        return f"{self.user}@{self.address[0]}:{path}"


def new_key(place: Path, kind: str = "ed25519") -> str:
    """Make a key pair ``id`` in a directory; return the public line."""
    command = f"ssh-keygen -q -t {kind} -N '' -f {shlex.quote(str(place / 'id'))}"
    subprocess.run(shlex.split(command), check=True)  # noqa: S603 - our own
    return (place / "id.pub").read_text().strip()


def lab_of(world: World, limits: SshLimits | None = None) -> Lab:
    return Lab(world, Listening(port=None, tls_port=None, ssh_limits=limits))
