"""What happens inside guests, by the lab's own commands: no call of the product asks for it.

A guest is named by its ``name_label``, which must be unique then, its UUID or its reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.operations import Operation, Stage
from hvsim.xenserver import alerts
from hvsim.xenserver.dates import stamp
from hvsim.xenserver.life import agent, domain, protection, shutdown, underway
from hvsim.xenserver.messages import Call, Caller
from hvsim.xenserver.pool import named

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.world import World
    from hvsim.xenserver.pool import Pool

INSTALL = 60.0
"""Seconds that installing the tools takes, with the reboot of the drivers."""
BOUNCE = 120.0
"""Seconds a guest must have run before a crash restarts it: a crashing one does not loop."""


class GuestCommand(Command, frozen=True, kw_only=True):
    """A command about one guest of a pool."""

    pool: str
    guest: str

    def find(self, world: World) -> tuple[Pool, str]:
        """Return the pool and the guest's reference, or raise :class:`CommandError`."""
        pool = named(world, self.pool)
        return pool, _find(pool, self.guest)

    def find_running(self, world: World) -> tuple[Pool, str]:
        """As :meth:`find`, for what only happens inside a guest that runs."""
        pool, vm = self.find(world)
        state = pool.db.row("VM", vm)["power_state"]
        if state != domain.RUNNING:
            raise CommandError(f"guest {self.guest!r} is {state.lower()}: nothing runs in it")
        return pool, vm


@command("guest.install-tools")
class InstallTools(GuestCommand, frozen=True, kw_only=True):
    """Install the tools (PV drivers and agent); the agent reports when it is done."""

    def apply(self, world: World) -> Operation:
        """Begin."""
        pool, vm = self.find_running(world)
        return _start(pool, vm, self.kind, _installing(pool, vm))


@command("guest.shutdown")
class ShutDown(GuestCommand, frozen=True, kw_only=True):
    """Somebody in the guest shuts its system down."""

    def apply(self, world: World) -> Operation:
        """Begin."""
        pool, vm = self.find_running(world)
        return _start(pool, vm, self.kind, _ending(pool, vm, "shutdown"))


@command("guest.reboot")
class Reboot(GuestCommand, frozen=True, kw_only=True):
    """Somebody in the guest reboots its system."""

    def apply(self, world: World) -> Operation:
        """Begin."""
        pool, vm = self.find_running(world)
        return _start(pool, vm, self.kind, _ending(pool, vm, "reboot"))


@command("guest.crash")
class Crash(GuestCommand, frozen=True, kw_only=True):
    """The guest's system crashes; ``VM.actions_after_crash`` decides what becomes of it."""

    def apply(self, world: World) -> Operation:
        """Begin."""
        pool, vm = self.find_running(world)
        return _start(pool, vm, self.kind, _crashing(pool, vm))


@command("guest.set-hostname")
class SetHostname(GuestCommand, frozen=True, kw_only=True):
    """Somebody gives the guest's system another host name; the pool's names do not change."""

    hostname: str

    def apply(self, world: World) -> None:
        """Change what is true inside, and let the agent report it."""
        pool, vm = self.find(world)
        agent.inside(pool, vm)["hostname"] = self.hostname
        if agent.is_up(pool, vm):
            agent.report(pool, vm)


@command("guest.hang")
class Hang(GuestCommand, frozen=True, kw_only=True):
    """The guest's system hangs until it is booted anew.

    Attributes:
        listens: whether it still acknowledges the wish that it shut down (and then never does),
            or ignores it.
    """

    listens: bool = True

    def apply(self, world: World) -> None:
        """Change what is true inside; nothing shows in the rows."""
        pool, vm = self.find_running(world)
        agent.inside(pool, vm).update(hung=True, silent=not self.listens)
        agent.fell_silent(pool, vm)
        world.log.append("hang", underway.subject(pool, vm), None, {"listens": self.listens})


def _find(pool: Pool, guest: str) -> str:
    rows = pool.db.tables["VM"]
    if guest in rows:
        return guest
    named = [
        ref
        for ref, row in rows.items()
        if guest in (row["name_label"], row["uuid"]) and not row["is_a_template"]
    ]
    if len(named) == 1:
        return named[0]
    if named:
        raise CommandError(f"{len(named)} guests are called {guest!r}: give the UUID")
    raise CommandError(f"pool {pool.name!r} has no guest {guest!r}")


def _start(pool: Pool, vm: str, kind: str, steps: Steps) -> Operation:
    return pool.world.operations.start(kind, underway.subject(pool, vm), steps)


def _boot_number(pool: Pool, vm: str) -> int:
    number: int = agent.inside(pool, vm).get("boot", 0)
    return number


def _installing(pool: Pool, vm: str) -> Steps:
    number = _boot_number(pool, vm)
    yield Stage("install-tools", INSTALL, 1.0)
    if agent.still_runs(pool, vm, number):
        agent.inside(pool, vm)["tools"] = True
        agent.report(pool, vm)


def _ending(pool: Pool, vm: str, how: str) -> Steps:
    number = _boot_number(pool, vm)
    yield Stage("guest-shutdown", shutdown.SHUTDOWN, 0.8)
    if not agent.still_runs(pool, vm, number):
        # The product was faster: it stopped the guest, or its machine died.
        return
    row = pool.db.row("VM", vm)
    action = row[f"actions_after_{how}"]
    _note(pool, vm, "rebooted" if how == "reboot" else "halted", action)
    if action == "restart":
        yield from _restart(pool, vm)
    else:
        yield from _stop(pool, vm, "shutdown")


def _crashing(pool: Pool, vm: str) -> Steps:
    action = _after_crash(pool, vm)
    yield Stage("crash", shutdown.DESTROY, 0.5)
    _note(pool, vm, "crashed", action)
    alerts.about_guest(pool, vm, "VM_CRASHED", "crashed")
    if action == "preserve":
        domain.set_state(pool, vm, domain.PAUSED)
        agent.fell_silent(pool, vm)
    elif action.endswith("restart"):
        yield from _restart(pool, vm)
    else:
        yield from _stop(pool, vm, "crash")


def _after_crash(pool: Pool, vm: str) -> str:
    """Return what follows a crash; a guest that has just started is not started again."""
    row = pool.db.row("VM", vm)
    action: str = row["actions_after_crash"]
    started = pool.db.tables["VM_metrics"].get(row["metrics"], {}).get("start_time", "")
    if started > stamp(pool.world, -BOUNCE) and action.endswith("restart"):
        return "coredump_and_destroy" if action.startswith("coredump") else "destroy"
    return action


def _restart(pool: Pool, vm: str) -> Steps:
    call = Call(pool, Caller(), "VM.hard_reboot")
    yield from shutdown.again(call, vm, pool.db.row("VM", vm)["resident_on"])


def _stop(pool: Pool, vm: str, reason: str) -> Steps:
    yield Stage("destroy", shutdown.DESTROY, 0.95)
    protection.after_inside_stop(pool, vm)
    domain.vanish(pool, vm)
    for tell in pool.guests.on_stopped:
        tell(pool, vm, reason)


def _note(pool: Pool, vm: str, reason: str, action: str) -> None:
    """Record the end in ``other_config``, where XenServer 5.5 keeps the last one."""
    if not pool.has("internal-stop-noted"):
        return
    other = pool.db.row("VM", vm)["other_config"]
    noted = {
        "last_shutdown_reason": reason,
        "last_shutdown_initiator": "internal",
        "last_shutdown_action": action.capitalize(),
        "last_shutdown_time": stamp(pool.world),
    }
    pool.db.change("VM", vm, other_config={**other, **noted})
