"""How much memory the machines that run on each host were given, kept as they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_DECIDE: Final = frozenset({"runtime", "config"})
"""Properties of a machine that it hangs on."""


class Occupancy:
    """Sums by host, so that nobody has to go through thousands of machines for one."""

    def __init__(self) -> None:
        self._taken: dict[str, tuple[str, int]] = {}
        """Host and MiB of each machine that runs, by its identifier."""
        self._sums: dict[str, int] = {}

    def used(self, host: str) -> int:
        """Return the MiB that running machines were given, by the identifier of their host."""
        return self._sums.get(host, 0)

    def note(self, machine: str, properties: dict[str, Any], paths: Iterable[str]) -> None:
        """Take account of what changed in a machine's properties."""
        if _DECIDE.isdisjoint(path.partition(".")[0] for path in paths):
            return
        self.forget(machine)
        runtime, config = properties.get("runtime"), properties.get("config")
        if runtime is None or runtime["powerState"] != "poweredOn" or runtime["host"] is None:
            return
        # A machine whose files are out of reach shows no configuration.
        hardware = config and config["hardware"]
        host, size = runtime["host"].moid, (hardware and hardware["memoryMB"]) or 0
        self._taken[machine] = (host, size)
        self._sums[host] = self._sums.get(host, 0) + size

    def forget(self, machine: str) -> None:
        """Leave a machine out."""
        taken = self._taken.pop(machine, None)
        if taken is not None:
            host, size = taken
            self._sums[host] -= size
