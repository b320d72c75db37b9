"""Images of a host's disks: what goes into them (BACKUP-*). Mutants break one rule."""

from hvsim_conformance.adapters.model import Done, Outcome, Product, Reason, Refused
from hvsim_conformance.reference.hardware.door import Door, Server
from hvsim_conformance.reference.hardware.machines import Estate, Machine, Machines


class Backups:
    """The images that were taken, and of which server each is."""

    def __init__(self, estate: Estate, door: Door) -> None:
        self.door = door
        self.machines = Machines(estate, door)
        self.taken: dict[str, str] = {}

    def back_up(self, host: str) -> Outcome:
        """Take an image of a host's boot disk."""
        machine = self.machines.find(host)
        if machine is None:
            return Refused(Reason.HOST_NOT_MANAGED, f"no server {host}")
        refused = self.check_product(machine)
        if refused is not None:
            return refused
        places = _places(machine.server)
        contents = [
            place
            for place, where in places.items()
            if self.takes_content(*where) and not self.leaves_out(machine, where[1])
        ]
        definitions = [place for place, where in places.items() if self.takes_definition(*where)]
        if not contents and not definitions:
            return Refused(Reason.UNSUPPORTED_BY_PRODUCT, f"{host} has nothing to back up")
        image = self.door.back_up(machine.name, contents, definitions)
        self.taken[image] = machine.name
        return Done(image)

    def check_product(self, machine: Machine) -> Refused | None:
        """Refuse the hosts of a product that offers no backups (BACKUP-SOL-*)."""
        if machine.host is not None and machine.host.product is Product.SOLARIS:
            reason = Reason.UNSUPPORTED_BY_PRODUCT
            return Refused(reason, "Solaris hosts are neither backed up nor restored")
        return None

    def leaves_out(self, machine: Machine, role: str) -> bool:
        """Whether a product keeps what its guests lie on out of images (BACKUP-VMW-3, -7)."""
        vmware = machine.host is not None and machine.host.product is Product.VMWARE
        return vmware and role == "guest"

    def takes_content(self, disk: int, role: str) -> bool:
        """Whether what a partition of the disk (0: the boot disk) holds goes into an image."""
        return disk == 0 and role != "swap"

    def takes_definition(self, disk: int, role: str) -> bool:
        """Whether only the definition of a partition goes into an image."""
        return disk == 0 and role == "swap"

    def restore(self, host: str, image: str) -> Outcome:
        """Write an image back to the host it is of."""
        machine = self.machines.find(host)
        if machine is None:
            return Refused(Reason.HOST_NOT_MANAGED, f"no server {host}")
        refused = self.check_product(machine)
        if refused is not None:
            return refused
        if self.taken.get(image) != machine.name:
            return Refused(Reason.HOST_NOT_MANAGED, f"there is no image {image} of {host}")
        self.door.restore(machine.name, image)
        return Done()


def _places(server: Server) -> dict[str, tuple[int, str]]:
    """Return the partitions by place (`disk1/host`): the number of the disk, and the role."""
    return {
        f"{disk.name}/{name}": (number, role)
        for number, disk in enumerate(server.disks)
        for name, role in disk.partitions.items()
    }
