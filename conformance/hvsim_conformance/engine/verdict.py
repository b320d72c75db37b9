"""What a check can come to, and the record of it."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.catalogue.record import Level
from hvsim_conformance.engine.timeline import TimelineEntry


class Verdict(StrEnum):
    """The outcome of one check."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    ERROR = "error"
    UNSUPPORTED = "unsupported"
    KNOWN_FAILURE = "known-failure"
    DISABLED = "disabled"
    NOT_RUN = "not-run"


class ExitCode(IntEnum):
    """How the command ends; the numbers are pytest's."""

    CONFORMANT = 0
    FAILED = 1
    INTERRUPTED = 2
    ERROR = 3
    USAGE = 4
    TOO_LITTLE = 5


@dataclass(frozen=True, slots=True)
class Remark:
    """An observation that does not change the verdict, such as an unexpected reason."""

    text: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one requirement under one profile.

    `level` is the one that holds under the profile, `seconds` wall time. `executed` says that the
    implementation was really put to the test, `covered` that the suite has a check at all.
    `message` is the finding, `detail` a traceback, `stderr` the end of the adapter's standard
    error, `issue` the address of a known issue.
    """

    requirement: str
    area: str
    level: Level
    statement: str
    product: Product
    profile: str
    variant: str
    verdict: Verdict
    message: str = ""
    detail: str = ""
    issue: str = ""
    executed: bool = False
    covered: bool = True
    unexpected_pass: bool = False
    seconds: float = 0.0
    seed: int = 0
    reproduce: str = ""
    stderr: str = ""
    remarks: tuple[Remark, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()

    @property
    def name(self) -> str:
        """The requirement, with the check's variant if it has one."""
        return f"{self.requirement}/{self.variant}" if self.variant else self.requirement
