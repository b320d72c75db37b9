"""A vCenter Server: its objects, the machines of its hosts, and the way calls reach both."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.hardware import Server, Silence
from hvsim.vcenter import behaviours, esx, sealed
from hvsim.vcenter.access import Access
from hvsim.vcenter.alarmwatch import Watch
from hvsim.vcenter.appliance import Appliance
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Call, Caller, handler_of
from hvsim.vcenter.store import Store
from hvsim.vcenter.tagging import Tagging
from hvsim.vcenter.values import Ref, plain, rich

if TYPE_CHECKING:
    from collections.abc import Callable

    import simpy

    from hvsim.operations import Operation
    from hvsim.vcenter.values import Data
    from hvsim.world import World

SERVICE_INSTANCE: Final = Ref("ServiceInstance", "ServiceInstance")
VERSIONS: Final = {"vsphere-4": ("4.1", "4.0.0"), "vsphere-8": ("8.0.3.0", "8.0.3")}
"""By profile, the newest API version and the product's version."""
SWITCHES: Final = {"vsphere-4": "4.0.0", "vsphere-8": "8.0.0"}
"""By profile, the newest version of distributed switches."""

_HISTORY: Final = 100_000
"""Events and tasks that are remembered."""


@dataclass(slots=True)
class Machine:
    """The machine under a host, and what its agent knows, whatever vCenter shows of it.

    Attributes:
        server: the physical server.
        watch: what is under way since it fell silent or came back.
        victims: guests that ran on it when it stopped, by identifier.
    """

    server: Server
    watch: Operation | None = None
    victims: list[str] = field(default_factory=list)

    def silence(self) -> Silence | None:
        """Return None while vCenter can reach it, else what vCenter sees."""
        return self.server.reachable()


@dataclass(slots=True)
class Inside:
    """What is true inside a guest, whatever vCenter shows of it.

    Attributes:
        power: whether it runs, in the words of ``runtime.powerState``.
        hostname, address, system: what its own system calls itself, and has.
        tools: whether VMware Tools are installed.
        announced: whether the guest was booted since they were.
        answers: False while its system hangs.
        boots: how often it was booted.
    """

    power: str = "poweredOff"
    hostname: str = ""
    address: str = ""
    system: str = ""
    tools: bool = False
    announced: bool = False
    answers: bool = True
    boots: int = 0


@dataclass(slots=True)
class Choices:
    """What a lab may choose of a vCenter.

    Attributes:
        api_version: what it calls its API's newest version.
        switch_version: of new distributed switches.
        any_host: whether hosts that nothing describes can be added to it.
        bandwidth: bytes a second that a move or a suspend copies.
    """

    api_version: str
    switch_version: str
    any_host: bool = False
    bandwidth: int = 1_250_000_000


class VCenter:
    """One vCenter Server of the simulated datacentre.

    Args:
        name: its name in the lab.
        profile: ``vsphere-4`` or ``vsphere-8``.
        server: the machine it runs on.
        agent: whether it is no vCenter but an ESX host's own agent; see :mod:`hvsim.vcenter.esx`.
    """

    def __init__(
        self, world: World, name: str, profile: str, server: Server, *, agent: bool = False
    ) -> None:
        self.agent = agent
        self.world = world
        self.name = name
        self.profile = profile
        self.server = server
        self.path = f"vcenter/{name}"
        self.store = Store(self.path, world.log, esx.name if agent else None)
        self.behaviours = behaviours.chosen(profile)
        self.access = Access(root=esx.ROOT) if agent else Access()
        """Who may log in, the sessions that are open and the roles."""
        self.machines: dict[str, Machine] = {}
        """By identifier of the host."""
        self.insides: dict[str, Inside] = {}
        """By identifier of the virtual machine."""
        self.tasks: dict[str, Operation] = {}
        """Operations under way, by identifier of the task that shows each."""
        self.shown_tasks: deque[tuple[float, Ref]] = deque()
        """Ended tasks that still count as recent, with the second of their end, oldest first."""
        self.past_tasks: deque[tuple[float, Ref]] = deque()
        """Ended tasks that no longer do, but are still there, likewise."""
        self.locks: dict[str, Ref] = {}
        """The task that holds each object that no other may touch, by the object's identifier."""
        self.entering: dict[str, simpy.Event | None] = {}
        """Hosts entering maintenance mode by identifier, with what ends their wait for guests."""
        self.unregistered: dict[str, tuple[dict[str, Any], Inside]] = {}
        """What lies in datastores without being registered, by the path of its file."""
        self.tagging, self.appliance = Tagging(), Appliance()
        """Tags and modules of clusters; who may get into its machine, and when that goes down."""
        self.on_event: list[Callable[[Data, Ref | None], object]] = []
        """Told of every event that was posted, and of what it is about."""
        self.watch, self.leases = Watch(), dict[str, Any]()
        """Which alarms are concerned by what; leases of ``ovf_lease``, by identifier."""
        self.on_power: list[Callable[[Ref], object]] = []
        """Told of a host after a guest on it was powered on or off."""
        self.lockdown_exceptions: dict[str, list[str]] = {}
        """Who may log in at a host in lockdown mode nevertheless, by the host's identifier."""
        self.reviews: set[str] = set()
        """Clusters that DRS is about to review, by identifier."""
        self.task_history: deque[Any] = deque(maxlen=_HISTORY)
        """``TaskInfo`` of tasks that ended long ago, oldest first."""
        self.events: deque[Any] = deque(maxlen=_HISTORY)
        """Events so far (data objects), oldest first; ``key`` counts upwards."""
        self.choices = Choices(self.api_version, SWITCHES[profile])
        """What its lab chose of it."""
        self.running = True
        """Whether its service runs."""
        self.hung = False
        self.observers: list[Callable[[], None]] = []
        """Called when it may have begun or ceased to answer (:meth:`answers`)."""
        world.products[name] = self

    @property
    def root(self) -> Ref:
        """The root folder."""
        return Ref("Folder", self.access.root)

    def has(self, behaviour: str) -> bool:
        """Whether it shows a behaviour of :mod:`hvsim.vcenter.behaviours`."""
        return behaviour in self.behaviours

    @property
    def api_version(self) -> str:
        """The newest version of the API that it offers."""
        return VERSIONS[self.profile][0]

    @property
    def uuid(self) -> str:
        """Its instance UUID."""
        found: str = self.store.value(SERVICE_INSTANCE, "content.about.instanceUuid")
        return found

    def answers(self) -> Silence | None:
        """Return None when its API answers, else what a caller sees instead."""
        unreachable = self.server.reachable()
        if unreachable is not None:
            return unreachable
        if self.hung:
            return Silence.DROPPED
        return None if self.running else Silence.REFUSED

    def machine_on(self, server: str) -> tuple[str, Machine] | None:
        """Return the identifier and machine of the host on a physical server, or None."""
        found = self.machines.items()
        return next(((moid, m) for moid, m in found if m.server.name == server), None)

    def new_mac(self) -> str:
        """Return a network card's next address, of the range that vCenter assigns."""
        number = self.world.streams.number(f"{self.path}/mac")
        return "00:50:56:" + ":".join(f"{number >> shift & 255:02x}" for shift in (16, 8, 0))

    def call(self, caller: Caller, this: Ref, name: str, args: dict[str, Any]) -> Any:
        """Carry out a method as a journalled command.

        Args:
            this: the object it is called on.
            name: the method's wire name, e.g. ``PowerOnVM_Task``.
            args: values by vim25 parameter name; what was left out is not there.

        Returns:
            The method's result; a task's reference for those that take time.

        Raises:
            VimFault: what vCenter refuses with.
        """
        with self.world.access():
            session = self.access.sessions.get(caller.session)
            command = VimCall(
                vcenter=self.name,
                this=str(this),
                method=name,
                args={key: plain(value) for key, value in args.items()},
                user=caller.user,
                session=caller.session,
                calls=0 if session is None else session.calls,
                idle=self.access.idle(self.world.now) if session is None else [],
            )
            return self.world.execute(command)

    def perform(self, call: Call, this: Ref, args: dict[str, Any]) -> Any:
        """Carry out a method within the world: for vCenter's own doing (DRS, HA)."""
        found = self.store.get(this)
        if self.agent and esx.refuses(found.type, call.name):
            raise VimFault("NotSupported")
        handler = handler_of(found.type, call.name)
        if handler is None:
            raise VimFault(
                "MethodNotFound",
                receiver=found.ref,
                method=call.name,
                msg=f"The method {call.name} is not supported by this version of vCenter.",
            )
        return handler(call, found.ref, **args)


@command("vcenter.call")
class VimCall(Command, frozen=True, kw_only=True):
    """A vim25 method called by a session.

    ``this`` is ``Type:moid``; ``args`` are written as :func:`hvsim.vcenter.values.plain` does.
    ``calls`` is how many calls the session has made, and ``idle`` are sessions that end since
    nobody used them: reads count for both, and are not journalled.
    """

    vcenter: str
    this: str
    method: str
    args: dict[str, Any] = msgspec.field(default_factory=dict)
    user: str = ""
    session: str = ""
    calls: int = 0
    idle: list[str] = msgspec.field(default_factory=list)

    def apply(self, world: World) -> Any:
        """Find the method's behaviour and run it."""
        vcenter = world.product(self.vcenter)
        if not isinstance(vcenter, VCenter):
            raise CommandError(f"{self.vcenter!r} is no vCenter")
        self._account(vcenter)
        call = Call(vcenter, Caller(self.user, self.session), self.method)
        kind, _, moid = self.this.partition(":")
        args = {key: rich(value) for key, value in self.args.items()}
        with world.log.caused_by(self.method):
            return vcenter.perform(call, Ref(kind, moid), args)

    def _account(self, vcenter: VCenter) -> None:
        sessions = vcenter.access.sessions
        for key in self.idle:
            sessions.pop(key, None)
        mine = sessions.get(self.session)
        if mine is not None:
            mine.calls, mine.last = self.calls, vcenter.world.now

    def sealed(self, world: World) -> VimCall:
        """See :meth:`Command.sealed`: digests take the place of passwords."""
        if not sealed.concerns(self.args):
            return self
        # One salt for all of them: so the digest of a password is made at its first login only.
        salt = world.streams.constant(f"vcenter/{self.vcenter}/salt")
        return msgspec.structs.replace(self, args=sealed.arguments(self.args, salt))
