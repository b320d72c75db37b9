"""The two scenes of `hvsim demo`, played through XenServer's own SDK."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import XenAPI

from hvsim.hardware import Silence
from hvsim.xenserver.spec import GIB, AccountSpec, GuestSpec, HostSpec, PoolSpec
from hvsim_fakes.lab import Lab, Listening

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.clock import Clock

POOL = "demo"
_PASSWORD = "demo"  # noqa: S105 - of a lab that lives for a minute on the loopback interface
_LOOK = 0.5
"""Seconds of the machine's time after which a client looks again even if nothing happened."""
_PATIENCE = 120.0
"""Seconds of the machine's time after which a scene is given up."""

Record = dict[str, Any]


class DemoError(Exception):
    """A scene did not come to its end."""


def demo_lab(clock: Clock) -> Lab:
    """Return the demo's lab: three hosts, shared storage, guests that are seen suspended."""
    hosts = [HostSpec(name=f"host{n}", address=f"127.0.0.{10 + n}") for n in (1, 2, 3)]
    guests = [
        GuestSpec(name="web", power_state="Running", host="host2", memory=2 * GIB),
        GuestSpec(
            name="db",
            power_state="Running",
            host="host1",
            memory=4 * GIB,
            restart_priority="restart",
            order=1,
        ),
    ]
    spec = PoolSpec(
        name=POOL,
        hosts=hosts,
        guests=guests,
        accounts=[AccountSpec(user="root", password=_PASSWORD)],
        migration="visible-suspend",
    )
    listening = Listening(tls_port=None, control_port=None)
    return Lab.from_scenario(spec, listening, seed=1, clock=clock)


class Play:
    """Plays the scenes in a running lab and tells what a client sees.

    Args:
        tell: takes each line.
    """

    def __init__(self, lab: Lab, tell: Callable[[str], None]) -> None:
        self._lab = lab
        self._tell = tell

    def migrate(self) -> None:
        """Move a running guest and follow it by events: it is seen suspended on its way."""
        session = self._log_in(self._lab.url())
        api = session.xenapi
        self._say(f"logged in at {self._lab.url()} as root")
        (guest,) = api.VM.get_by_name_label("web")
        (target,) = api.host.get_by_name_label("host3")
        batch = api.event_from([f"VM/{guest}", "task"], "", 1.0)
        task = api.Async.VM.pool_migrate(guest, target, {"live": "true"})
        self._say("Async.VM.pool_migrate(web, host3)")
        self._follow(api, guest, task, batch["token"])
        status = api.task.get_status(task)
        if status != "success":
            raise DemoError(
                f"the migration's task ended as {status}: {api.task.get_error_info(task)}"
            )
        self._say("the task has ended: success")
        api.session.logout()

    def lose_master(self) -> None:
        """Let the master's power fail under high availability; follow the pool's recovery."""
        lab = self._lab
        old = lab.url()
        api = self._log_in(old).xenapi
        api.pool.enable_ha(self._shared(api), {})
        (pool,) = api.pool.get_all()
        api.pool.set_ha_host_failures_to_tolerate(pool, "1")
        self._say("high availability is on; db is protected and runs on the master, host1")
        members = [lab.member_url(POOL, host) for host in lab.pool(POOL).members]
        lab.perform("server.crash", server="host1", silence=Silence.REFUSED.value)
        self._say("host1 loses its power")
        self._say(f"a client of {old} sees: {self._attempt(old)}")
        for url in members[1:]:
            self._say(f"a client of {url} sees: {self._attempt(url)}")
        master = self._await_master(members[1:])
        self._say(f"{master} is the master now")
        self._await_guest(master, "db")

    def _follow(self, api: Any, guest: str, task: str, token: str) -> None:
        seen: tuple[str, str] | None = None
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            batch = api.event_from([f"VM/{guest}", "task"], token, 5.0)
            token = batch["token"]
            for event in batch["events"]:
                if event["ref"] == guest:
                    seen = self._tell_change(api, event["snapshot"], seen)
                if event["ref"] == task and event["snapshot"]["status"] != "pending":
                    return
        raise DemoError("the migration did not end")

    def _tell_change(self, api: Any, vm: Record, seen: tuple[str, str] | None) -> tuple[str, str]:
        state = vm["power_state"], vm["resident_on"]
        if state != seen:
            nowhere = vm["resident_on"] == "OpaqueRef:NULL"
            place = "no host" if nowhere else api.host.get_name_label(vm["resident_on"])
            self._say(f"event: web is {vm['power_state']} on {place}")
        return state

    def _shared(self, api: Any) -> list[str]:
        records = api.SR.get_all_records()
        return [ref for ref, sr in records.items() if sr["shared"] and sr["type"] == "nfs"]

    def _await_master(self, urls: list[str]) -> str:
        deadline = time.monotonic() + _PATIENCE
        seen = {url: self._attempt(url) for url in urls}
        while time.monotonic() < deadline:
            for url in urls:
                answer = self._attempt(url)
                if answer == "a session":
                    return url
                if answer != seen[url]:
                    seen[url] = answer
                    self._say(f"a client of {url} sees: {answer}")
            self._pause()
        raise DemoError("no member became the master")

    def _await_guest(self, url: str, name: str) -> None:
        api = self._log_in(url).xenapi
        (guest,) = api.VM.get_by_name_label(name)
        (lost,) = api.host.get_by_name_label("host1")
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            vm = api.VM.get_record(guest)
            if vm["power_state"] == "Running" and vm["resident_on"] != lost:
                place = api.host.get_name_label(vm["resident_on"])
                self._say(f"{name} was restarted and is Running on {place}")
                return
            self._pause()
        raise DemoError(f"{name} was not restarted")

    def _pause(self) -> None:
        """Wait until something happens in the lab, since a client cannot poll all the time."""
        world = self._lab.world
        seen = world.log.generation
        world.park(("*",), lambda: world.log.generation > seen, _LOOK)

    def _attempt(self, url: str) -> str:
        """Return what somebody gets who logs in at ``url``."""
        try:
            self._log_in(url)
        except XenAPI.Failure as error:
            return " ".join(error.details)
        except OSError as error:
            return error.strerror or type(error).__name__
        return "a session"

    def _log_in(self, url: str) -> Any:
        session = XenAPI.Session(url)
        session.xenapi.login_with_password(*self._lab.credentials(POOL))
        return session

    def _say(self, text: str) -> None:
        self._tell(f"{self._lab.world.clock.now():8.1f} s  {text}")
