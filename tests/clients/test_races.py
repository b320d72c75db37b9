"""Eight clients with the real SDK race over sockets; the journal brings back what came of it.

``HVSIM_RACES`` says how many rounds are run, each with its own seed, release and clock.
"""

from __future__ import annotations

import os
import random
import threading
from typing import TYPE_CHECKING, Any

import pytest
import XenAPI

from hvsim import saved
from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab
from labs import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = int(os.environ.get("HVSIM_RACES", "3"))
CLIENTS = 8
CALLS = 25
CLOCKS: tuple[Callable[[], Clock], ...] = (
    lambda: Clock(ClockMode.SKIP_IDLE),
    lambda: Clock(ClockMode.SCALED, 200.0),
)


def scenario_of(number: int) -> dict[str, Any]:
    pool = {"name": "p", "profile": PROFILES[number % 2], "hosts": 3, "guests": 8}
    return {"seed": number, "xenserver": [pool], "activity": {"reboots": 50, "migrations": 50}}


class Client:
    """One user of the pool, with a session and a mind of its own."""

    def __init__(self, lab: Lab, seed: str) -> None:
        self.random = random.Random(seed)
        self.session = XenAPI.Session(lab.url("p"), ignore_ssl=True)
        self.session.xenapi.login_with_password(*lab.credentials("p"))
        self.refusals: list[str] = []
        self.done = 0

    def act(self) -> None:
        """Do something to some guest; another client may have been faster."""
        api = self.session.xenapi
        vm = self.random.choice(self.guests())
        host = self.random.choice(api.host.get_all())
        wishes: list[Callable[[], object]] = [
            lambda: api.VM.start(vm, False, False),
            lambda: api.VM.clean_shutdown(vm),
            lambda: api.VM.hard_shutdown(vm),
            lambda: api.VM.pool_migrate(vm, host, {"live": "true"}),
            lambda: api.VM.set_name_label(vm, f"guest-{self.random.randrange(1000)}"),
            lambda: api.VM.snapshot(vm, "raced"),
            lambda: api.Async.VM.suspend(vm),
            lambda: api.VM.resume(vm, False, False),
            lambda: api.VM.get_record(vm),
        ]
        try:
            self.random.choice(wishes)()
            self.done += 1
        except XenAPI.Failure as failure:
            self.refusals.append(failure.details[0])

    def guests(self) -> list[str]:
        records = self.session.xenapi.VM.get_all_records()
        return [ref for ref, row in records.items() if not self._is_apart(row)]

    @staticmethod
    def _is_apart(row: dict[str, Any]) -> bool:
        return bool(row["is_a_template"] or row["is_control_domain"] or row["is_a_snapshot"])


def race(lab: Lab, number: int) -> list[Client]:
    """Let every client act for a while, all at once; return them."""
    clients = [Client(lab, f"{number}/{n}") for n in range(CLIENTS)]
    start = threading.Barrier(CLIENTS)
    broken: list[BaseException] = []

    def run(client: Client) -> None:
        try:
            start.wait(30)
            for _ in range(CALLS):
                client.act()
            client.session.xenapi.session.logout()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            broken.append(error)

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    return clients


@pytest.mark.parametrize("number", range(ROUNDS))
def test_the_journal_replays_what_eight_clients_did(number: int) -> None:
    clock = CLOCKS[number // 2 % len(CLOCKS)]()
    with Lab.from_scenario(scenario_of(number), clock=clock) as lab:
        clients = race(lab, number)
    world = lab.world
    assert sum(client.done for client in clients) > CLIENTS
    assert any(client.refusals for client in clients), "nobody was in anybody's way"
    assert [event for event in world.log.since(0) if event.kind == "crash"] == []
    with world.access():
        content = saved.save(world)
    assert saved.restore(saved.parse(content)).log.digest == world.log.digest
