"""Bounds on what one program in the sandbox may use."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxLimits:
    """What a program that a client brought along may use at most.

    Times are seconds of the machine's clock; what it writes counts against its session's limits.

    Attributes:
        programs: sandboxes of one lab's process at one time; the next program is refused.
        seconds: from start to end, also while it waits for simulated time to pass.
        cpu: of all its processes together.
        memory: bytes that all its processes together have in use.
        address_space: bytes of one process.
        files: bytes of all its files together; they lie in memory.
        processes, open_files: at one time.
        commands: of the host that it runs at one time.
        answer: seconds that whatever the sandbox is asked for may take.
    """

    programs: int = 16
    seconds: float = 3_600.0
    cpu: float = 120.0
    memory: int = 512 * _MIB
    address_space: int = 1_024 * _MIB
    files: int = 96 * _MIB
    processes: int = 48
    open_files: int = 256
    commands: int = 24
    answer: float = 30.0

    def of_processes(self) -> dict[str, int]:
        """Return the limits that each process is given, by the names of ``resource``."""
        return {
            "AS": self.address_space,
            "CORE": 0,
            "CPU": int(self.cpu) + 1,
            "FSIZE": self.files,
            "NOFILE": self.open_files,
            "NPROC": self.processes,
        }
