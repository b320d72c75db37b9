"""Bounds on what one script may use."""

from __future__ import annotations

from dataclasses import dataclass

from hvsim_fakes.powershell.errors import PowerShellError, failure
from hvsim_fakes.powershell.host import Stopped


@dataclass(frozen=True, slots=True)
class Limits:
    """What a script may use at most.

    Attributes:
        steps: statements, turns of loops, commands and objects through a pipeline.
        output: bytes (as text, roughly) that it writes to its streams.
        memory: bytes of large values that it makes, all together.
        value: characters of one string, elements of one array.
        depth: functions and script blocks within each other.
        errors: records kept in ``$Error``.
    """

    steps: int = 5_000_000
    output: int = 256 * 2**20
    memory: int = 2**30
    value: int = 32 * 2**20
    depth: int = 100
    errors: int = 256


class Budget:
    """What is left of the limits for one run."""

    __slots__ = ("limits", "memory", "output", "steps", "stopping")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.stopping = False
        self.renew()

    def renew(self) -> None:
        """Begin again, as each run does."""
        self.steps = self.limits.steps
        self.output = self.limits.output
        self.memory = self.limits.memory
        self.stopping = False

    def step(self) -> None:
        """Use up a step."""
        self.steps -= 1
        if self.steps < 0:
            raise self.over()

    def stop(self) -> None:
        """Let the run end at its next step; any thread may ask."""
        self.stopping = True
        self.steps = -1

    def over(self) -> BaseException:
        """Return what ends a run that has no steps left: it used them up, or was stopped."""
        return Stopped() if self.stopping else exhausted()

    def hold(self, size: int) -> None:
        """Use up memory for a value of some size, before it is made."""
        if size < 1024:
            return
        self.memory -= size
        if size > self.limits.value or self.memory < 0:
            raise out_of_memory()

    def put_out(self, size: int) -> None:
        """Use up output."""
        self.output -= size
        if self.output < 0:
            raise out_of_memory()


def out_of_memory() -> PowerShellError:
    """Return the error of a script that wants more memory than it may have."""
    return PowerShellError(
        failure(
            "Exception of type 'System.OutOfMemoryException' was thrown.",
            "OutOfMemoryException",
            "OperationStopped",
            exception="System.OutOfMemoryException",
        ).record,
        fatal=True,
    )


def exhausted() -> PowerShellError:
    """Return the error of a script that goes on for too long."""
    return PowerShellError(
        failure(
            "The pipeline has been stopped.",
            "PipelineStopped",
            "OperationStopped",
            exception="System.Management.Automation.PipelineStoppedException",
        ).record,
        fatal=True,
    )


def too_deep() -> PowerShellError:
    """Return the error of calls within calls without end."""
    return failure(
        "The script failed due to call depth overflow.",
        "CallDepthOverflow",
        "InvalidOperation",
        0,
        "System.Management.Automation.ScriptCallDepthException",
    )
