"""The bench: everything a check works with, and the assertions that are common to checks."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from hvsim_conformance.adapters.model import (
    Done,
    Failed,
    Guest,
    Host,
    Reason,
    Refused,
    Verdictable,
)
from hvsim_conformance.engine.checks import CheckFailed
from hvsim_conformance.engine.lab import (
    HARNESS,
    Control,
    Exchange,
    GroundTruth,
    Lab,
    LabRequest,
    WireLog,
)
from hvsim_conformance.engine.subject import Subject
from hvsim_conformance.engine.verdict import Remark

LabType = TypeVar("LabType", bound=Lab)


class Bench(Generic[LabType]):
    """A fresh lab and a fresh implementation; every `expect` raises CheckFailed."""

    def __init__(self, lab: LabType, subject: Subject, request: LabRequest) -> None:
        self.lab = lab
        self.subject = subject
        self.request = request
        self.remarks: list[Remark] = []

    @property
    def truth(self) -> GroundTruth:
        """The world itself."""
        return self.lab.truth

    @property
    def wire(self) -> WireLog:
        """Every exchange on the lab's wires."""
        return self.lab.wire

    @property
    def control(self) -> Control:
        """Time, faults, the other tool, the inside of guests."""
        return self.lab.control

    def enrol(self) -> tuple[str, ...]:
        """Register every endpoint of the lab and refresh; the registrations' ids."""
        ids = tuple(
            self.expect_done(
                self.subject.register(end.kind, end.address, end.credentials, end.role)
            )
            for end in self.lab.endpoints
        )
        self.refresh()
        return ids

    def refresh(self) -> None:
        """Make one inventory pass; it must succeed."""
        self.expect_done(self.subject.refresh())

    def guest(self, native_id: str) -> Guest:
        """Return the guest with a native id; it must be listed exactly once."""
        found = self._guests(native_id)
        self.expect(len(found) == 1, f"guest {native_id} is listed {len(found)} times, not once")
        return found[0]

    def expect_not_listed(self, native_id: str) -> None:
        """Expect that no guest has this native id."""
        self.expect(not self._guests(native_id), f"guest {native_id} is listed")

    def host(self, name: str) -> Host:
        """Return the host with a name; it must be listed exactly once."""
        found = [host for host in self.subject.list_hosts() if host.name == name]
        self.expect(len(found) == 1, f"host {name} is listed {len(found)} times, not once")
        return found[0]

    def remark(self, text: str) -> None:
        """Report an observation that does not change the verdict."""
        self.remarks.append(Remark(text))

    def expect(self, condition: object, message: str) -> None:
        """Expect a condition; the message says what was found instead."""
        if not condition:
            raise CheckFailed(message)

    def expect_done(self, outcome: Verdictable) -> str:
        """Expect success; the id that the operation made, or an empty string."""
        if not isinstance(outcome, Done):
            raise CheckFailed(f"the operation should have succeeded: {_told(outcome)}")
        return outcome.value or ""

    def expect_rejected(self, outcome: Verdictable, reason: Reason) -> None:
        """Expect that the operation was refused or failed; a different reason is a remark."""
        match outcome:
            case Refused() | Failed():
                self._grade(outcome.reason, reason)
            case _:
                raise CheckFailed(f"the operation should not have succeeded ({reason})")

    def expect_refused(self, outcome: Verdictable, reason: Reason, mark: int) -> None:
        """Expect a refusal, and no write of the implementation on any wire since the mark."""
        if not isinstance(outcome, Refused):
            raise CheckFailed(f"the operation should have been refused: {_told(outcome)}")
        self._grade(outcome.reason, reason)
        self.expect_no_write(mark)

    def expect_no_write(self, mark: int) -> None:
        """Expect no write of the implementation on any wire since the mark."""
        if written := self.writes(mark):
            shown = ", ".join(f"{exchange.call} at {exchange.endpoint}" for exchange in written)
            raise CheckFailed(f"writes reached an endpoint: {shown}")

    def writes(self, mark: int) -> Sequence[Exchange]:
        """Return the implementation's own writes since the mark."""
        return [
            exchange
            for exchange in self.wire.since(mark)
            if exchange.is_write and exchange.client != HARNESS
        ]

    def _guests(self, native_id: str) -> list[Guest]:
        return [guest for guest in self.subject.list_guests() if guest.native_id == native_id]

    def _grade(self, given: Reason, expected: Reason) -> None:
        if given is not expected:
            self.remark(f"the reason given is {given}, the rule's own is {expected}")


def _told(outcome: Verdictable) -> str:
    match outcome:
        case Refused():
            return f"refused, {outcome.reason} {outcome.detail}".rstrip()
        case Failed():
            return f"failed, {outcome.reason} {outcome.native_error}".rstrip()
    return "it succeeded"
