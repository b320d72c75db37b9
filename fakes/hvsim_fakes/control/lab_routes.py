"""What the lab is: its scenario, its pools and managers, and where they answer."""

from __future__ import annotations

from hvsim import __version__
from hvsim.hardware import Silence
from hvsim_fakes.control.api import Ask, Facts, route
from hvsim_fakes.control.clock_routes import ClockState, state


class MemberState(Facts, frozen=True, kw_only=True):
    """A host with an API of its own; ``answers`` is null while it does."""

    name: str
    address: str
    urls: list[str]
    role: str
    answers: Silence | None


class PoolState(Facts, frozen=True, kw_only=True):
    """A pool, its master's URL, and its members."""

    name: str
    product: str
    profile: str
    url: str
    users: list[str]
    members: list[MemberState]


class AddressState(Facts, frozen=True, kw_only=True):
    """An address that a product answers on; ``owner`` is the pool or manager behind it.

    ``answers`` is null while somebody does.
    """

    owner: str
    server: str
    address: str
    urls: list[str]
    answers: Silence | None


class LabState(Facts, frozen=True, kw_only=True):
    """The lab; ``digest`` is the hash over its event log so far."""

    version: str
    scenario: str
    seed: int
    generation: int
    digest: str
    journalled: int
    clock: ClockState
    pools: list[PoolState]
    addresses: list[AddressState]


@route("GET", "/v1/lab", gives=LabState)
def get_lab(ask: Ask) -> LabState:
    """Look at the lab: scenario, seed, clock, pools and their addresses."""
    world = ask.world
    with world.access():
        return LabState(
            version=__version__,
            scenario=ask.lab.scenario_name,
            seed=world.seed,
            generation=world.log.generation,
            digest=world.log.digest,
            journalled=len(world.journal.entries),
            clock=state(world),
            pools=[_pool(ask, name) for name in ask.lab.pools],
            addresses=_addresses(ask),
        )


def _pool(ask: Ask, name: str) -> PoolState:
    pool = ask.lab.pools[name]
    return PoolState(
        name=name,
        product="xenserver",
        profile=pool.profile,
        url=ask.lab.url(name),
        users=sorted(pool.access.accounts),
        members=[
            MemberState(
                name=pool.db.row("host", member.host)["name_label"],
                address=member.server.address,
                urls=ask.lab.member_urls(name, member.host),
                role=member.role,
                answers=member.answers(),
            )
            for member in pool.members.values()
        ],
    )


def _addresses(ask: Ask) -> list[AddressState]:
    return [
        AddressState(
            owner=door.owner,
            server=door.server.name,
            address=door.server.address,
            urls=urls,
            answers=door.silence(),
        )
        for door, urls in ask.lab.doors()
    ]
