"""The neutral vocabulary between the suite and an implementation under test.

Words and operations follow section 5 of the behaviour catalogue: six guest states, one word for
every reason to refuse, and five ways in which an operation can end.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Product(StrEnum):
    """The five virtualisation products."""

    VMWARE = "vmware"
    HYPERV = "hyperv"
    XENSERVER = "xenserver"
    RHEL5XEN = "rhel5xen"
    SOLARIS = "solaris"


class Status(StrEnum):
    """The manager's states of a guest or host."""

    NORMAL = "normal"
    WARNING = "warning"
    UNKNOWN = "unknown"
    STOP = "stop"
    ERROR = "error"
    FATAL = "fatal"


class Role(StrEnum):
    """What a registered address is.

    A VM host, a VM management product, or the door to the physical servers: no product has a wire
    for those, so it is the URL of the lab's control plane, with its token as the password. It is
    registered with implementations that claim `spare` or `backup`, and with no others.
    """

    VM_HOST = "vm_host"
    VM_MANAGER = "vm_manager"
    HARDWARE = "hardware"


class PowerAction(StrEnum):
    """The power operations on a guest."""

    ON = "on"
    OFF = "off"
    REBOOT = "reboot"


class MoveMode(StrEnum):
    """How a guest is moved: with its power on, or off."""

    LIVE = "live"
    COLD = "cold"


class Switch(StrEnum):
    """Set or release."""

    ON = "on"
    OFF = "off"


class Feature(StrEnum):
    """What an implementation may offer beyond the required operations."""

    MAINTENANCE_WITH_MOVE = "maintenance_with_move"
    SPARE = "spare"
    BACKUP = "backup"
    TERMS = "terms"
    CYCLES = "cycles"
    MONITORING = "monitoring"


class Monitored(StrEnum):
    """What an implementation may watch over."""

    PHYSICAL_SERVER = "physical_server"
    VM_HOST = "vm_host"
    VM_GUEST = "vm_guest"
    VM_MANAGER = "vm_manager"


class Reason(StrEnum):
    """Why an operation was refused or failed, one word for each rule."""

    NO_VM_MANAGER = "NO_VM_MANAGER"
    HOST_NOT_MANAGED = "HOST_NOT_MANAGED"
    NOT_SAME_CLUSTER = "NOT_SAME_CLUSTER"
    NOT_CLUSTERED = "NOT_CLUSTERED"
    UNSUPPORTED_BY_PRODUCT = "UNSUPPORTED_BY_PRODUCT"
    HOST_IS_POOL_MASTER = "HOST_IS_POOL_MASTER"
    HOST_IN_MAINTENANCE = "HOST_IN_MAINTENANCE"
    GUEST_SUSPENDED = "GUEST_SUSPENDED"
    GUEST_HA_PROTECTED = "GUEST_HA_PROTECTED"
    GUEST_MOVED = "GUEST_MOVED"
    GUEST_GONE = "GUEST_GONE"
    MODE_MISMATCH = "MODE_MISMATCH"
    ENDPOINT_UNREACHABLE = "ENDPOINT_UNREACHABLE"
    POOL_MASTER_LOST = "POOL_MASTER_LOST"
    SPARE_NOT_ELIGIBLE = "SPARE_NOT_ELIGIBLE"
    NATIVE_ERROR = "NATIVE_ERROR"


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to log in, and the file of certificates to trust (None: the system's)."""

    username: str
    password: str = field(repr=False)
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """What an implementation is opened for: one check under one profile."""

    check: str
    profile: str
    seed: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an implementation claims; no profiles means that it claims no rule set in particular."""

    name: str
    version: str
    products: tuple[Product, ...]
    features: tuple[Feature, ...] = ()
    profiles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """A VM host as the implementation shows it; `pool` is its pool's or cluster's name."""

    id: str
    name: str
    product: Product
    pool: str | None
    status: Status
    in_maintenance: bool


@dataclass(frozen=True, slots=True)
class Guest:
    """A VM guest as the implementation shows it; `host` is a `Host.id`, `native_id` a uuid."""

    id: str
    display_name: str
    host: str | None
    status: Status
    product: Product
    native_id: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a product calls its HA feature, maintenance mode and two moves; None: it has none."""

    product: Product
    high_availability: str | None
    maintenance: str | None
    live_move: str | None
    cold_move: str | None


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Whether the implementation follows the status of a kind of thing, and its events."""

    kind: Monitored
    status: bool
    events: bool


@dataclass(frozen=True, slots=True)
class Done:
    """The operation has taken effect.

    `value` is the id that `register` or a backup made, or the warning of `assign_spare`.
    """

    value: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Turned down before any write reached an endpoint."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Tried and failed; `native_error` is the product's own error, verbatim."""

    reason: Reason
    native_error: str = ""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The implementation does not offer the operation."""

    reason: str


@dataclass(frozen=True, slots=True)
class Known:
    """The implementation is known to be wrong here; the issue says how."""

    issue_url: str


Outcome = Done | Refused | Failed | Unsupported | Known
Verdictable = Done | Refused | Failed
