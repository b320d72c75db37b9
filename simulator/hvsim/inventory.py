"""Generated inventories: machines and guests of any number, the same for the same seed.

Names come from Faker, once for a lab; each guest then draws from a random stream of its own, so
that one more guest changes none of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from hvsim.errors import InputError

if TYPE_CHECKING:
    from random import Random

    from hvsim.streams import Streams

GIB: Final = 2**30
_DRAWS: Final = 500
"""Words drawn for names to be put together from; some come twice."""
_BLOCK: Final = 4 * 256 * 254
"""Guest addresses of one pool or manager, in 10.0.0.0/8."""
_HOSTS: Final = 200
"""Host addresses of one pool in one of its networks 127.x.y.0/24."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Sizes = Annotated[list[Annotated[int, msgspec.Meta(ge=1)]], msgspec.Meta(min_length=1)]


class Kind(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A kind of guest: what it is called after, and what its guests choose from.

    ``weight`` is its part of all guests, against the other kinds' weights; ``memory`` and
    ``disk`` are bytes.
    """

    name: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]*$", max_length=20)]
    weight: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    memory: Sizes = msgspec.field(default_factory=lambda: [1 * GIB, 2 * GIB, 4 * GIB])
    vcpus: Sizes = msgspec.field(default_factory=lambda: [1, 2, 4])
    disk: Sizes = msgspec.field(default_factory=lambda: [8 * GIB, 20 * GIB, 40 * GIB])
    systems: Annotated[list[str], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: ["Debian GNU/Linux 12"]
    )


def _default_kinds() -> list[Kind]:
    windows = ["Windows Server 2008 R2 Standard", "Windows Server 2022 Standard"]
    linux = ["Debian GNU/Linux 12", "Red Hat Enterprise Linux 9", "Ubuntu 22.04 LTS"]
    return [
        Kind(name="web", weight=4, systems=linux),
        Kind(name="app", weight=3, systems=[*linux, *windows]),
        Kind(name="db", weight=1, memory=[4 * GIB, 8 * GIB], vcpus=[2, 4], systems=linux),
        Kind(name="file", weight=1, disk=[40 * GIB, 100 * GIB], systems=windows),
        Kind(name="desk", weight=3, memory=[2 * GIB, 4 * GIB], systems=windows),
    ]


class InventorySpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What generated parts of a lab are like.

    Attributes:
        servers: spare physical servers, off, beside the ones that are described.
        running: share of generated guests that run.
        homes: share of generated guests with a home server.
        tools: share of generated guests with the product's tools inside.
        kinds: what guests there are.
    """

    servers: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0
    running: Share = 0.7
    homes: Share = 0.5
    tools: Share = 0.9
    kinds: Annotated[list[Kind], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=_default_kinds
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """A generated guest, before its product makes it. Sizes in bytes."""

    name: str
    hostname: str
    address: str
    system: str
    memory: int
    vcpus: int
    disk: int
    running: bool
    home: bool
    tools: bool


class Inventory:
    """Generates what a scenario only counts.

    Args:
        streams: the world's random streams.
        spec: what the generated parts are like.
    """

    def __init__(self, streams: Streams, spec: InventorySpec) -> None:
        self._streams = streams
        self.spec = spec
        self._kinds = spec.kinds
        self._weights = [kind.weight for kind in spec.kinds]

    @property
    def words(self) -> list[str]:
        """Different lower-case words of letters only, in the order Faker gave them."""
        return self._names[1]

    @property
    def domain(self) -> str:
        """The lab's domain, which its guests' host names end in."""
        return self._names[0]

    @cached_property
    def _names(self) -> tuple[str, list[str]]:
        from faker import Faker  # noqa: PLC0415 - slow to import, and many labs count nothing

        faker = Faker("en_US")
        faker.seed_instance(self._streams.fresh("inventory/names").getrandbits(64))
        domain = f"{faker.domain_word()}.example"
        names = (faker.last_name().lower() for _ in range(_DRAWS))
        return domain, list(
            dict.fromkeys(name for name in names if name.isascii() and name.isalpha())
        )

    def guest(self, place: str, block: int, number: int) -> Draft:
        """Return guest ``number`` (from 0) of the pool or manager ``place``.

        Args:
            block: the place's number in the lab, from 0; each has its own addresses.

        Raises:
            InputError: when there are more than the lab has addresses for.
        """
        stream = self._streams.fresh(f"inventory/{place}/guest/{number}")
        kind = stream.choices(self._kinds, self._weights)[0]
        name = f"{kind.name}-{stream.choice(self.words)}-{number + 1:04}"
        return Draft(
            name=name,
            hostname=f"{name}.{self.domain}",
            address=guest_address(block, number),
            system=stream.choice(kind.systems),
            memory=stream.choice(kind.memory),
            vcpus=stream.choice(kind.vcpus),
            disk=stream.choice(kind.disk),
            running=_happens(stream, self.spec.running),
            home=_happens(stream, self.spec.homes),
            tools=_happens(stream, self.spec.tools),
        )

    def mac(self, server: str, number: int) -> str:
        """Return the MAC address of a physical server's interface, locally administered."""
        octets = self._streams.fresh(f"inventory/{server}/nic/{number}").randbytes(5)
        return "02:" + octets.hex(":")


def guest_address(block: int, number: int) -> str:
    """Return a guest's address in 10.0.0.0/8, different for each block and number."""
    if block >= 64 or number >= _BLOCK:
        raise InputError(f"expected at most 64 pools of {_BLOCK} generated guests each")
    rest, last = divmod(number, 254)
    high, third = divmod(rest, 256)
    return f"10.{block * 4 + high}.{third}.{last + 1}"


def host_address(block: int, number: int) -> str:
    """Return a host's loopback address: 127.0.<block>.11 and up, one for each host."""
    second, last = divmod(number, _HOSTS)
    if block > 255 or second > 254:
        raise InputError("expected at most 256 pools of 51000 generated hosts each")
    return f"127.{second}.{block}.{last + 11}"


def spare_address(number: int) -> str:
    """Return the loopback address of a generated spare server."""
    return host_address(255, number)


def _happens(stream: Random, share: float) -> bool:
    return stream.random() < share
