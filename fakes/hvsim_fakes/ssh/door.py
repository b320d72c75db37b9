"""The door of a host that is entered by SSH."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.hardware import Server, Silence
    from hvsim_fakes.shell.program import Host


@dataclass(frozen=True, slots=True)
class ShellDoor:
    """One address that answers SSH.

    Attributes:
        owner: name of the product's instance in the lab.
        host: the product's own reference of the host behind it.
        server: the machine whose address and management link it has.
        shell: what logins and commands meet there.
        silence: asked under the world's lock: None while somebody answers.
        watch: registers what is to be called when that may have changed.
        banner: the server's software version as the SSH greeting tells it.
    """

    owner: str
    host: str
    server: Server
    shell: Host
    silence: Callable[[], Silence | None]
    watch: Callable[[Callable[[], None]], None]
    banner: str = "OpenSSH_4.3"

    @property
    def name(self) -> str:
        """For threads and logs."""
        return f"{self.owner}-{self.server.name}"
