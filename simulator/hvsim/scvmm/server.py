"""A VMM server: its records, the fabric it manages, and the way actions reach both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.hardware import Silence
from hvsim.scvmm import behaviours, jobs, sealed
from hvsim.scvmm.actions import Call, Caller, handler_of
from hvsim.scvmm.errors import VmmError
from hvsim.scvmm.fabric import Fabric
from hvsim.scvmm.release import RELEASES, Release
from hvsim.scvmm.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    import simpy

    from hvsim.hardware import Server
    from hvsim.operations import Operation
    from hvsim.scvmm.fabric import Guest, Host
    from hvsim.scvmm.store import Record
    from hvsim.world import World


@dataclass(slots=True)
class Account:
    """Somebody of the domain who may log in, with the user role that VMM gives them.

    ``role`` is ``Administrator``, ``ReadOnlyAdmin``, ``SelfServiceUser`` or empty: no role at all,
    so that Windows lets them in and VMM does not.
    """

    user: str
    password: str
    role: str = "Administrator"
    enabled: bool = True


class VmmServer:
    """One VMM server of the simulated datacentre, with the hosts it manages.

    Args:
        name: its name in the lab.
        profile: ``scvmm-2008r2``, ``scvmm-2012r2`` or ``scvmm-2019``.
        server: the machine it runs on.
        domain: the Active Directory domain of all machines, as ``lab.example``.
    """

    def __init__(self, world: World, name: str, profile: str, server: Server, domain: str) -> None:
        self.world = world
        self.name = name
        self.profile = profile
        self.server = server
        self.domain = domain
        self.path = f"scvmm/{name}"
        self.store = Store(self.path, world.log)
        self.fabric = Fabric(f"{self.path}/fabric", world.log)
        self.behaviours = behaviours.chosen(profile)
        self.accounts: dict[str, Account] = {}
        """By user name in lower case, without its domain."""
        self.jobs: dict[str, Operation] = {}
        """Operations under way, by ID of the job that shows each."""
        self.locks: dict[str, str] = {}
        """The job that holds each object, by the object's ID."""
        self.shelf: dict[str, Guest] = {}
        """What lies in the library as a stored machine, by the ID of its record."""
        self.staged: dict[str, list[dict[str, Any]]] = {}
        """What job groups collected so far, by the group's GUID."""
        self.pending: dict[str, bool] = {}
        """Refreshes that are due, by what they are of."""
        self.moving: dict[str, list[simpy.Event]] = {}
        """Live migrations of each host: one event for each that goes on or waits."""
        self.bandwidth = 1_250_000_000
        """Bytes a second that a move, a save or a copy moves."""
        self.service = "running"
        """VMM's own service: ``running``, ``stopped`` or ``hung``."""
        self.winrm = "running"
        """The WS-Management service of the machine VMM runs on."""
        self.disturbances: dict[str, Any] = {}
        """What goes wrong on purpose with its machine's remoting: see :mod:`.remoting`."""
        self.on_disturbed: list[Callable[[], None]] = []
        self.observers: list[Callable[[], None]] = []
        """Called when it may have begun or ceased to answer (:meth:`answers`)."""
        world.products[name] = self

    @property
    def release(self) -> Release:
        """What its version of VMM is."""
        return RELEASES[self.profile]

    @property
    def netbios(self) -> str:
        """The domain's short name."""
        return self.domain.partition(".")[0].upper()

    @property
    def fqdn(self) -> str:
        """The full name of the machine it runs on."""
        return f"{self.server.name}.{self.domain}"

    def has(self, behaviour: str) -> bool:
        """Whether it shows a behaviour of :mod:`hvsim.scvmm.behaviours`."""
        return behaviour in self.behaviours

    def answers(self) -> Silence | None:
        """Return None when the machine's WS-Management answers, else what a caller sees.

        VMM's own service may be stopped all the while: see :meth:`demand_service`.
        """
        unreachable = self.server.reachable()
        if unreachable is not None:
            return unreachable
        if not self.server.runs_own_system or self.winrm == "hung":
            return Silence.DROPPED
        return None if self.winrm == "running" else Silence.REFUSED

    def demand_service(self, user: str = "") -> None:
        """Raise what a cmdlet is told when VMM's service is down, or the user has no role."""
        if self.service != "running":
            raise VmmError(1602, name=self.fqdn)
        account = self.account(user) if user else None
        if account is not None and not account.role:
            raise VmmError(1604, name=self.fqdn)

    def account(self, user: str) -> Account | None:
        r"""Return the account that somebody logs in with: ``DOMAIN\\user``, ``user@domain``..."""
        short = user.rpartition("\\")[2].partition("@")[0]
        return self.accounts.get(short.lower())

    def host_of(self, record: Record) -> Host:
        """Return the host that VMM takes a virtual machine to be on; raises error 801."""
        ident = record["VMHostID"]
        for host in self.fabric.hosts.values():
            if host.managed and host.managed == ident:
                return host
        raise VmmError(801, kind="VMHost", name=ident or record.name)

    def vm_of(self, guest: Guest) -> Record | None:
        """Return VMM's record of a guest, or None."""
        return next((vm for vm in self.store.of("VM") if vm["VMId"] == guest.guid), None)

    def call(self, caller: Caller, name: str, args: dict[str, Any]) -> Any:
        """Carry out an action as a journalled command.

        Args:
            name: as :func:`hvsim.scvmm.actions.action` registers it.
            args: JSON-ready values; objects by ID.

        Returns:
            What the action gives: the ID of a job for what takes time.

        Raises:
            VmmError: what VMM refuses with.
        """
        return self.world.execute(
            VmmCall(vmm=self.name, action=name, args=args, user=caller.user, cmdlet=caller.cmdlet)
        )

    def perform(self, call: Call, args: dict[str, Any]) -> Any:
        """Carry out an action within the world: for VMM's own doing and for ambient activity."""
        self.demand_service(call.caller.user)
        self._demand_right(call)
        if args.get("VM"):
            # Before its status is judged: a job under way is why that is what it is.
            jobs.demand_free(self, [args["VM"]])
        try:
            return handler_of(call.name)(call, **args)
        except TypeError as error:
            raise VmmError(50002, name=str(args), parameter=call.name) from error

    def _demand_right(self, call: Call) -> None:
        """Refuse what a read-only administrator asks for: every action changes something."""
        account = self.account(call.caller.user) if call.caller.user else None
        if account is not None and account.role == "ReadOnlyAdmin":
            raise VmmError(1604, name=self.fqdn)


@command("scvmm.call")
class VmmCall(Command, frozen=True, kw_only=True):
    """An action asked of VMM, by whom and with which cmdlet."""

    vmm: str
    action: str
    args: dict[str, Any] = msgspec.field(default_factory=dict)
    user: str = ""
    cmdlet: str = ""

    def apply(self, world: World) -> Any:
        """Find the action and carry it out."""
        vmm = find(world, self.vmm)
        call = Call(vmm, Caller(self.user, self.cmdlet), self.action)
        with world.log.caused_by(self.action):
            return vmm.perform(call, self.args)

    def sealed(self, world: World) -> VmmCall:
        """See :meth:`Command.sealed`: digests take the place of passwords."""
        if not sealed.concerns(self.args):
            return self
        # Drawn from no running stream: a replay must find all of them as they were.
        stream = world.streams.fresh(f"scvmm/{self.vmm}/salt/{world.log.generation}")
        return msgspec.structs.replace(
            self, args=sealed.arguments(self.args, stream.randbytes(8).hex())
        )


def find(world: World, name: str) -> VmmServer:
    """Return a VMM server of the lab, or raise :class:`CommandError`."""
    found = world.product(name)
    if not isinstance(found, VmmServer):
        raise CommandError(f"{name!r} is no VMM server")
    return found
