"""Managers that get spare servers wrong (SPARE-*)."""

from collections.abc import Sequence

from hvsim_conformance.adapters.model import Done, Host, Outcome, Product, Reason, Refused
from hvsim_conformance.mutants.drivers import broken_xenserver
from hvsim_conformance.mutants.rooms import broken_hardware
from hvsim_conformance.reference.hardware.door import Server
from hvsim_conformance.reference.hardware.machines import Machine
from hvsim_conformance.reference.hardware.spares import Spares
from hvsim_conformance.reference.xenserver.driver import XenServerDriver
from hvsim_conformance.reference.xenserver.inventory import GuestFacts


@broken_xenserver("xs-empty-hosts-are-nothing", breaks="SPARE-1")
class EmptyHostsAreNothing(XenServerDriver):
    """Shows a host only while a guest runs there."""

    def hosts(self) -> Sequence[Host]:
        guests = self.inventory.guests.values()
        busy = {guest.resident_on for guest in guests}
        return [host for host in super().hosts() if host.id in busy]


@broken_hardware("xs-pool-hosts-are-no-spares", breaks="SPARE-2", product=Product.XENSERVER)
class PoolHostsAreNoSpares(Spares):
    """Refuses a VM host that other hosts may fail over to."""

    def check_product(self, spare: Machine) -> Refused | None:
        if spare.host is not None and spare.host.pool:
            return Refused(Reason.SPARE_NOT_ELIGIBLE, "it belongs to a pool")
        return None


@broken_hardware("xs-busy-host-as-spare", breaks="SPARE-3")
class BusyHostAsSpare(Spares):
    """Accepts a VM host on which guests run."""

    def check_empty(self, spare: Machine) -> Refused | None:
        return None


@broken_xenserver("xs-guests-stay-where-they-were", breaks="SPARE-4")
class GuestsStayWhereTheyWere(XenServerDriver):
    """Shows a guest for good under the host it was first seen on."""

    def home_of(self, guest: GuestFacts) -> str | None:
        places: dict[str, str | None] = self.__dict__.setdefault("places", {})
        return places.setdefault(guest.uuid, super().home_of(guest))


@broken_hardware("xs-spare-not-switched-on", breaks="SPARE-5")
class SpareNotSwitchedOn(Spares):
    """Exchanges the disks, and does not boot the spare."""

    def stand_in(self, primary: Server, spare: Server) -> None:
        super().stand_in(primary, spare)
        self.door.shut_down(spare.name)


class SpareAtAnyPrice(Spares):
    """Takes the standby's machine from the guests that have come there."""

    def is_free(self, spare: Machine) -> bool:
        return True

    def clear(self, spare: Machine) -> Outcome:
        return Done()


# Not of Hyper-V's: its cluster moves the guests of a node that is shut down.
for _name, _product in (
    ("xs", Product.XENSERVER),
    ("vmw", Product.VMWARE),
    ("rh5", Product.RHEL5XEN),
):
    broken_hardware(f"{_name}-spare-at-any-price", breaks="SPARE-6", product=_product)(
        SpareAtAnyPrice
    )


@broken_hardware("xs-spare-boots-anyhow", breaks="SPARE-7")
class SpareBootsAnyhow(Spares):
    """Does not ask how a spare boots."""

    def check_boot(self, machine: Machine) -> Refused | None:
        return None


@broken_hardware("xs-any-spare-fits", breaks="SPARE-8")
class AnySpareFits(Spares):
    """Does not compare a spare with its primary."""

    def check_alike(self, primary: Server, spare: Server) -> Refused | None:
        return None


@broken_hardware("xs-half-a-failure-is-enough", breaks="SPARE-9")
class HalfAFailureIsEnough(Spares):
    """Switches over when either the hardware or the system is down."""

    def has_failed(self, server: Server) -> bool:
        return not server.hardware_ok or not server.on


@broken_hardware("xs-maintenance-means-nothing", breaks="SPARE-10")
class MaintenanceMeansNothing(Spares):
    """Switches over whatever is under the manager's own maintenance."""

    def is_due(self, primary: Server) -> bool:
        return self.has_failed(primary)


@broken_hardware("xs-resting-spare-stands-in", breaks="SPARE-10")
class RestingSpareStandsIn(Spares):
    """Boots a primary's system on a spare under the manager's own maintenance."""

    def is_free(self, spare: Machine) -> bool:
        return self.check_empty(spare) is None


@broken_hardware("xs-xenserver-is-no-spare", breaks="SPARE-11", product=Product.XENSERVER)
class XenServerIsNoSpare(Spares):
    """Refuses hosts of XenServer."""

    def assign(self, primary: str, spare: str) -> Outcome:
        found = self.machines.find(spare)
        if found is not None and found.host and found.host.product is Product.XENSERVER:
            return Refused(Reason.SPARE_NOT_ELIGIBLE, "it runs XenServer")
        return super().assign(primary, spare)
