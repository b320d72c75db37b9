"""What the pytest fixtures give: labs that end with the test, and a pool's handles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import XenAPI

from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab, Listening

if TYPE_CHECKING:
    from pathlib import Path

    from hvsim.scenario import Scenario
    from hvsim.xenserver.spec import PoolSpec


class Labs:
    """Labs of one test."""

    def __init__(self) -> None:
        self._running: list[Lab] = []

    def start(
        self,
        scenario: Scenario | PoolSpec | dict[str, Any] | Path | str = "small",
        *,
        clock: str = ClockMode.SKIP_IDLE,
        scale: float = 1.0,
        seed: int | None = None,
    ) -> Lab:
        """Start a lab on free ports; raises InputError when the scenario is wrong."""
        chosen = Clock(ClockMode(clock), scale)
        lab = Lab.from_scenario(scenario, Listening(), seed=seed, clock=chosen)
        self._running.append(lab.start())
        return lab

    def stop(self) -> None:
        """Stop every lab, the newest first."""
        while self._running:
            self._running.pop().stop()


@dataclass(frozen=True, slots=True)
class RunningPool:
    """A XenServer pool that listens.

    Attributes:
        lab: the lab it is in.
        name: its name there.
    """

    lab: Lab
    name: str

    @property
    def url(self) -> str:
        """URL of the present master, plain HTTP."""
        return self.lab.url(self.name, tls=False)

    @property
    def https_url(self) -> str:
        """URL of the present master, HTTPS with a self-signed certificate."""
        return self.lab.url(self.name, tls=True)

    @property
    def user(self) -> str:
        """The superuser's name."""
        return self.lab.credentials(self.name)[0]

    @property
    def password(self) -> str:
        """The superuser's password."""
        return self.lab.credentials(self.name)[1]

    def session(self) -> XenAPI.Session:
        """Return a session of the XenAPI SDK, logged in at the master."""
        session = XenAPI.Session(self.url)
        session.xenapi.login_with_password(self.user, self.password, "1.0", "pytest")
        return session

    def perform(self, kind: str, **fields: Any) -> Any:
        """Let something befall the lab: ``perform("server.crash", server="host1")``."""
        return self.lab.perform(kind, **fields)

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""
        self.lab.world.advance(seconds)
