"""What xend refuses with."""

from __future__ import annotations

from enum import StrEnum

from hvsim.errors import Refusal
from hvsim.operations import Forced


class Fault(StrEnum):
    """What kind of refusal it is: clients word some of them themselves."""

    NO_DOMAIN = "no-domain"
    """There is no domain of that name or number; the text is what was asked for."""
    FAILED = "failed"
    """Anything else; the text is xend's."""
    NO_DAEMON = "no-daemon"
    """xend does not run."""


class XendError(Refusal):
    """A refusal of xend.

    Args:
        text: what xend says.
        fault: its kind.
    """

    def __init__(self, text: str, fault: Fault = Fault.FAILED) -> None:
        self.text = text
        self.fault = fault
        super().__init__(text)


def no_domain(asked: str | int) -> XendError:
    """Return the refusal for a domain that does not exist."""
    return XendError(str(asked), Fault.NO_DOMAIN)


def _forced(code: str, *params: str) -> XendError:
    """Return a failure that a stage rule asks for: xend's errors have no codes, only a text."""
    return XendError(" ".join((code, *params)))


Forced.vocabularies["rhel5xen"] = _forced
