"""Many clients at once: nothing is lost, and the journal brings all of it back."""

import random
import threading

import pytest

from hvsim import journal, scenario
from vcenter_rest.rest import CATEGORY, ON, TAG, Rest, of, running
from vclabs import lab

CLIENTS, STEPS = 8, 25


def work(rest, number, failures):
    """Tag, untag and switch machines; what another client made impossible is refused."""
    stream = random.Random(number)
    try:
        category = rest.category(f"c{number}")
        tag = rest.tag(category)
        machines = [one["vm"] for one in rest.get("/vcenter/vm")]
        for _ in range(STEPS):
            vm = stream.choice(machines)
            action = stream.choice(["attach", "detach", "start", "stop", "suspend"])
            if action in ("attach", "detach"):
                rest.post(f"{ON}/{tag}?action={action}", of("VirtualMachine", vm))
            else:
                answer = rest.send("POST", f"/api/vcenter/vm/{vm}/power?action={action}")
                assert answer.status in (204, 400), answer.json
        rest.post(f"{ON}/{tag}?action=attach", of("VirtualMachine", machines[0]))
    except AssertionError as failure:
        failures.append(failure)


@pytest.mark.parametrize("seed", [1, 2])
def test_clients_at_once(seed):
    failures = []
    with running(Rest.of(lab(seed=seed)).login()) as rest:
        clients = [
            threading.Thread(target=work, args=(rest.other().login(), number, failures))
            for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join(60)
        assert failures == []
        assert len(rest.get(CATEGORY)) == len(rest.get(TAG)) == CLIENTS
        first = rest.get("/vcenter/vm")[0]["vm"]
        attached = rest.post(f"{ON}?action=list-attached-tags", of("VirtualMachine", first))
        assert sorted(attached) == sorted(rest.get(TAG))
    world = rest.world
    lines = [entry.line() for entry in world.journal.entries]
    twin = scenario.build(world.origin, world.seed)
    twin.replay(journal.parse(lines), world.now)
    assert twin.log.digest == world.log.digest
