"""Spare servers: who may stand in for whom, when, and how (SPARE-*). Mutants break one rule."""

from hvsim_conformance.adapters.model import Done, Outcome, Product, Reason, Refused, Switch
from hvsim_conformance.reference.hardware.door import Door, Server
from hvsim_conformance.reference.hardware.machines import Estate, Machine, Machines


class Spares:
    """The spares of physical servers, in the order in which they were named."""

    def __init__(self, estate: Estate, door: Door) -> None:
        self.estate = estate
        self.door = door
        self.machines = Machines(estate, door)
        self.assigned: dict[str, list[str]] = {}
        self.active: dict[str, str] = {}
        """Who stands in for whom at present, by the primary's name."""
        self.resting: set[str] = set()
        """Servers under the manager's own maintenance."""

    def assign(self, primary: str, spare: str) -> Outcome:
        """Name a spare for a physical server."""
        first, second = self.machines.find(primary), self.machines.find(spare)
        if first is None or second is None:
            return _unknown(spare if first else primary)
        refused = self.check(first, second)
        if refused is None:
            self.assigned.setdefault(first.name, []).append(second.name)
        return refused or Done()

    def check(self, primary: Machine, spare: Machine) -> Refused | None:
        """Refuse a spare that must not, or could not, stand in."""
        return (
            self.check_product(spare)
            or self.check_empty(spare)
            or self.check_boot(primary)
            or self.check_boot(spare)
            or self.check_alike(primary.server, spare.server)
        )

    def check_product(self, spare: Machine) -> Refused | None:
        """Refuse the hosts of a product that offers no spares (SPARE-2, SPARE-11)."""
        if spare.host is not None and spare.host.product is Product.SOLARIS:
            return _ineligible("a Solaris host cannot be a spare")
        return None

    def check_empty(self, spare: Machine) -> Refused | None:
        """Refuse a VM host on which guests run (SPARE-3, SPARE-6)."""
        if spare.guests:
            return _ineligible(f"{len(spare.guests)} guests run on {spare.name}")
        return None

    def check_boot(self, machine: Machine) -> Refused | None:
        """Refuse a server whose system cannot boot elsewhere (SPARE-7)."""
        if machine.server.san_boot and machine.server.io_virtualisation:
            return None
        return _ineligible(f"{machine.name} does not boot from SAN with I/O virtualisation")

    def check_alike(self, primary: Server, spare: Server) -> Refused | None:
        """Refuse a spare that is built otherwise than its primary (SPARE-8)."""
        if _build(primary) != _build(spare):
            return _ineligible(f"{spare.name} is not built as {primary.name} is")
        return None

    def watch(self) -> None:
        """Let spares take the place of primaries that have failed."""
        servers = self.door.servers()
        for primary in self.assigned:
            if primary not in self.active and self.is_due(servers[primary]):
                self.switch_over(primary)

    def is_due(self, primary: Server) -> bool:
        """Whether a spare must stand in without being told (SPARE-10)."""
        return self.has_failed(primary) and primary.name not in self.resting

    def has_failed(self, server: Server) -> bool:
        """Whether both the hardware and the system of a server are down (SPARE-9)."""
        return not server.hardware_ok and not server.on

    def switch_over(self, primary: str) -> Outcome:
        """Let a spare take a primary's place."""
        self.estate.look()
        first = self.machines.find(primary)
        if first is None:
            return _unknown(primary)
        spare = self.choose(first.name)
        if spare is None:
            return _ineligible(f"no spare of {first.name} is free")
        outcome = self.clear(spare)
        if isinstance(outcome, Done):
            self.stand_in(first.server, spare.server)
            self.active[first.name] = spare.name
        return outcome

    def choose(self, primary: str) -> Machine | None:
        """Return the first spare of a primary that is free."""
        found = map(self.machines.find, self.assigned.get(primary, ()))
        return next((spare for spare in found if spare and self.is_free(spare)), None)

    def is_free(self, spare: Machine) -> bool:
        """Whether a spare may stand in now (SPARE-6, SPARE-10)."""
        busy = spare.name in self.resting or spare.name in self.active.values()
        return not busy and self.check_empty(spare) is None

    def clear(self, spare: Machine) -> Outcome:
        """Take a VM host out of its product's service before its machine goes."""
        if spare.host is None or not spare.server.on:
            return Done()
        outcome = self.estate.maintenance(spare.host.id, Switch.ON)
        without = isinstance(outcome, Refused) and outcome.reason is Reason.UNSUPPORTED_BY_PRODUCT
        # A host of a product without the mode may go as it is: nothing runs on it.
        return Done() if without else outcome

    def stand_in(self, primary: Server, spare: Server) -> None:
        """Boot the primary's system on the spare (SPARE-5)."""
        for server in (primary, spare):
            if server.on:
                self.door.shut_down(server.name)
        self.door.take_over(spare.name, primary.name)
        self.door.switch_on(spare.name)

    def fail_back(self, primary: str) -> Outcome:
        """Give a primary its place back; a VM host that stood in for it serves again."""
        first = self.machines.find(primary)
        if first is None or first.name not in self.active:
            return _ineligible(f"nobody stands in for {primary}")
        spare = self.machines.find(self.active.pop(first.name))
        if spare is not None:
            self.give_back(first.server, spare)
        return Done()

    def give_back(self, primary: Server, spare: Machine) -> None:
        """Boot both systems where they belong; a machine without one stays off."""
        for server in (primary, spare.server):
            if server.on:
                self.door.shut_down(server.name)
        self.door.take_over(spare.name, primary.name)
        self.door.switch_on(primary.name)
        if spare.host is not None:
            self.door.switch_on(spare.name)

    def rest(self, server: str, switch: Switch) -> Outcome:
        """Put a server under the manager's own maintenance, or take it out again."""
        machine = self.machines.find(server)
        if machine is None:
            return _unknown(server)
        change = self.resting.add if switch is Switch.ON else self.resting.discard
        change(machine.name)
        return Done()


def _build(server: Server) -> tuple[object, ...]:
    disks = tuple(disk.size for disk in server.disks)
    return (server.model, server.bios, server.raid, disks, sorted(server.segments))


def _ineligible(detail: str) -> Refused:
    return Refused(Reason.SPARE_NOT_ELIGIBLE, detail)


def _unknown(server: str) -> Refused:
    return Refused(Reason.HOST_NOT_MANAGED, f"no server {server}")
