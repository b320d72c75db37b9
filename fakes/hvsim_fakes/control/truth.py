"""Ground truth: what is really so in the world, whatever any wire shows of it."""

from __future__ import annotations

from enum import StrEnum
from functools import singledispatch
from typing import TYPE_CHECKING, Any

from hvsim.hardware import Silence
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.pool import Member, Pool
from hvsim_fakes.control.api import Facts

if TYPE_CHECKING:
    from hvsim.world import World
    from hvsim.xenserver.database import Row


class Life(StrEnum):
    """What a guest really does, in words of no product."""

    RUNNING = "running"
    HUNG = "hung"
    """Has its processors, but its system does nothing."""
    PAUSED = "paused"
    SUSPENDED = "suspended"
    STOPPED = "stopped"
    LOST = "lost"
    """Its product takes it for running, but the machine under it is off."""


class TrueHost(Facts, frozen=True, kw_only=True):
    """A host. ``native`` holds the product's own words about it.

    ``answers`` is null while its API answers, else what a caller sees; ``maintenance`` is whether
    the product keeps guests from starting on it.
    """

    name: str
    native_id: str
    server: str
    address: str
    alive: bool
    answers: Silence | None
    maintenance: bool
    native: dict[str, Any]


class TrueGuest(Facts, frozen=True, kw_only=True):
    """A guest. ``host`` is where it really is, ``home`` its home server, both by name.

    ``inside`` is what its own system knows, ``native`` the product's own words about it.
    """

    name: str
    native_id: str
    state: Life
    host: str | None
    home: str | None
    inside: dict[str, Any]
    native: dict[str, Any]


class TrueManager(Facts, frozen=True, kw_only=True):
    """A pool or manager with its hosts and guests."""

    name: str
    product: str
    profile: str
    native: dict[str, Any]
    hosts: list[TrueHost]
    guests: list[TrueGuest]


class Truth(Facts, frozen=True, kw_only=True):
    """The whole lab at one simulated moment (seconds) and generation of its event log."""

    time: float
    generation: int
    managers: list[TrueManager]


def truth(world: World, name: str | None = None) -> Truth:
    """Return the truth about a world, or about one pool or manager in it.

    Raises:
        CommandError: when there is none of that name.
    """
    with world.access():
        products = world.products.values() if name is None else [world.product(name)]
        return Truth(
            time=world.now,
            generation=world.log.generation,
            managers=[of_product(product) for product in products],
        )


@singledispatch
def of_product(product: object) -> TrueManager:
    """Return the truth about one pool or manager; each product registers its own."""
    raise NotImplementedError(f"nobody knows the truth about {type(product).__name__}")


@singledispatch
def insides_of(product: object) -> str:
    """Return what the kinds of commands inside a product's guests begin with (``guest.``).

    Such a command names the pool or manager first, then the guest.
    """
    raise NotImplementedError(f"nobody acts inside the guests of {type(product).__name__}")


@insides_of.register
def _insides_of_pool(_: Pool) -> str:
    return "guest."


@of_product.register
def _of_pool(pool: Pool) -> TrueManager:
    row = pool.row
    native = {
        "name_label": row["name_label"],
        "uuid": row["uuid"],
        "ha_enabled": row["ha_enabled"],
        "master": _host_name(pool, row["master"]),
    }
    tables = pool.db.tables
    return TrueManager(
        name=pool.name,
        product="xenserver",
        profile=pool.profile,
        native=native,
        hosts=[_host(pool, pool.members[ref]) for ref in tables["host"] if ref in pool.members],
        guests=[_guest(pool, ref, vm) for ref, vm in tables["VM"].items() if _is_guest(vm)],
    )


def _is_guest(vm: Row) -> bool:
    others = ("is_a_template", "is_a_snapshot", "is_control_domain")
    return not any(vm.get(flag) for flag in others)


def _host(pool: Pool, member: Member) -> TrueHost:
    row = pool.db.row("host", member.host)
    metrics = pool.db.tables["host_metrics"].get(row["metrics"], {})
    native = {
        "ref": member.host,
        "enabled": row["enabled"],
        "live": metrics.get("live", False),
        "role": member.role,
        "emergency": member.emergency.description if member.emergency else None,
        "current_operations": row["current_operations"],
        "other_config": row["other_config"],
    }
    return TrueHost(
        name=row["name_label"],
        native_id=row["uuid"],
        server=member.server.name,
        address=member.server.address,
        alive=member.server.runs_own_system,
        answers=member.answers(),
        maintenance=not row["enabled"],
        native=native,
    )


def _guest(pool: Pool, ref: str, vm: Row) -> TrueGuest:
    native = {
        "ref": ref,
        "power_state": vm["power_state"],
        "current_operations": vm["current_operations"],
        "resident_on": vm["resident_on"],
        "affinity": vm["affinity"],
        "ha_restart_priority": vm["ha_restart_priority"],
    }
    return TrueGuest(
        name=vm["name_label"],
        native_id=vm["uuid"],
        state=_life(pool, ref, vm),
        host=_host_name(pool, vm["resident_on"]),
        home=_host_name(pool, vm["affinity"]),
        inside=pool.insides.get(ref, {}),
        native=native,
    )


_WORDS = {
    "Running": Life.RUNNING,
    "Paused": Life.PAUSED,
    "Suspended": Life.SUSPENDED,
    "Halted": Life.STOPPED,
}


def _life(pool: Pool, ref: str, vm: Row) -> Life:
    life = _WORDS[vm["power_state"]]
    member = pool.members.get(vm["resident_on"])
    if member is not None and not member.server.runs_own_system:
        return Life.LOST
    if life is Life.RUNNING and pool.insides.get(ref, {}).get("hung"):
        return Life.HUNG
    return life


def _host_name(pool: Pool, ref: str) -> str | None:
    row = pool.db.tables["host"].get(ref) if ref != NULL_REF else None
    return None if row is None else str(row["name_label"])
