"""A lab to be assailed: a master, a member, a member in emergency mode, and an operator."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, Self

import labs
from hvsim import commands
from hvsim.clock import Clock, ClockMode
from hvsim.errors import HvsimError
from hvsim.hardware import Power
from hvsim.xenserver.accounts import session as sessions
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.hosts import service
from hvsim.xenserver.spec import AccountSpec, StorageSpec
from hvsim_fakes.lab import Lab
from hvsim_fakes.server import Connection, Request, Response
from hvsim_fakes.xenserver.endpoint import XenApiEndpoint

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Member, Pool

PASSWORD: Final = "password"
PACE: Final = 2_000.0
"""Simulated seconds a second: boots and migrations end while others still ask."""
CUT_OFF: Final = "host3"
ACCOUNTS: Final = [
    AccountSpec(user="root", password=PASSWORD),
    AccountSpec(user="olga", password="pw", role="vm-operator"),
]
STORAGES: Final = [
    StorageSpec(name="shared"),
    StorageSpec(name="disks", type="lvmoiscsi"),
    *(StorageSpec(name=f"local{n}", shared=False, type="lvm", host=f"host{n}") for n in (1, 2, 3)),
]


def build(profile: str, clock: Clock | None = None) -> Pool:
    """Build the pool; the same one each time."""
    return labs.small_pool(profile, clock=clock, accounts=ACCOUNTS, storages=STORAGES)


class Client:
    """The far end of a connection that waits for an answer no longer than so many seconds."""

    def __init__(self, patience: float) -> None:
        self._over = threading.Event()
        self._timer = threading.Timer(patience, self._over.set) if patience else None
        if self._timer is None:
            self._over.set()
        else:
            self._timer.daemon = True
            self._timer.start()

    def gone(self) -> bool:
        return self._over.is_set()

    def leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


class Arena:
    """A running lab of one profile, with an endpoint of every member to call without sockets."""

    def __init__(self, profile: str) -> None:
        self.pool = build(profile, Clock(ClockMode.SCALED, PACE))
        self.world = self.pool.world
        self.lab = Lab(self.world)
        self.members = dict(self.pool.members)
        self.endpoints = {
            ref: XenApiEndpoint(self.pool, member, self.lab.wirelog)
            for ref, member in self.members.items()
        }

    def __enter__(self) -> Self:
        self.lab.start()
        self.cut_off()
        return self

    def __exit__(self, *_: object) -> None:
        self.lab.stop()

    def cut_off(self) -> None:
        """Put a member into emergency mode: its service starts without its master in reach."""
        for kind in ("link.cut", "service.stop", "service.start"):
            self.give(kind, server=CUT_OFF)
        member = next(m for m in self.members.values() if m.server.name == CUT_OFF)
        self.world.park(("*",), lambda: member.emergency is not None, 20.0)

    def give(self, kind: str, **fields: Any) -> None:
        """Give a command; one that is refused has nothing to do."""
        try:
            self.world.execute(commands.decode({"kind": kind, **fields}))
        except HvsimError:
            return

    def post(self, member: Member, request: Request, patience: float) -> Response | None:
        """Call a member's endpoint without a socket; None when its machine is down."""
        with self.world.access():
            # A cut link is no obstacle here: this is a call from the machine itself.
            if not member.running or member.hung or member.server.power is Power.OFF:
                return None
        client = Client(patience)
        request.connection = Connection(client)
        try:
            return self.endpoints[member.host](request)
        finally:
            client.leave()

    def serving(self) -> Member | None:
        """Return the master if it answers, and as a master."""
        with self.world.access():
            return service.serving(self.pool)

    def log_in(self) -> str | None:
        """Return a session of root on the master, if there is one to be had."""
        member = self.serving()
        if member is None:
            return None
        try:
            with self.world.access():
                account = sessions.authenticate(self.pool, "root", PASSWORD)
                return sessions.open(self.pool, account, member, "fuzz")
        except XenError as error:
            if error.code == "SESSION_AUTHENTICATION_FAILED":
                self.give_back_password()
            return None

    def give_back_password(self) -> None:
        self.give(
            "xenserver.call",
            pool=self.pool.name,
            message="session.change_password",
            args=["", PASSWORD],
        )

    def repair(self, *, all_of_them: bool = False) -> None:
        """Do what an operator does who finds machines off and services ended."""
        for server in list(self.world.hardware.servers):
            self.give("server.boot", server=server)
            if server != CUT_OFF or all_of_them:
                self.give("link.mend", server=server)
                self.give("service.start", server=server)
        if all_of_them:
            self.give_back_password()

    def lead(self) -> None:
        """Make a member the master of a pool that has lost its own, and the others follow it."""
        with self.world.access():
            able = [m for m in self.pool.members.values() if m.answers() is None]
        if not able:
            return
        chief, *others = able
        self._emergency(chief, "pool.emergency_transition_to_master")
        for member in others:
            self._emergency(member, "pool.emergency_reset_master", chief.server.address)

    def _emergency(self, member: Member, message: str, *args: str) -> None:
        fields = {"pool": self.pool.name, "message": message, "args": list(args)}
        self.give("xenserver.call", **fields, host=member.host, local=True)
