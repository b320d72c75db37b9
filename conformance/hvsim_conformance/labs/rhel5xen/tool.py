"""The other tool: an administrator at a host's console, distinct from the implementation."""

from hvsim_conformance.adapters.model import Credentials
from hvsim_conformance.labs.base import ADDRESS
from hvsim_conformance.reference.ssh import Answer, SecureShell


class Console:
    """A shell on one host, opened at first use."""

    def __init__(self, address: str, credentials: Credentials) -> None:
        self._shell = SecureShell(address, credentials, ADDRESS)

    def run(self, line: str) -> str:
        """Run a command line that succeeds; return what it printed."""
        answer = self.answer(line)
        if answer.status != 0:
            raise AssertionError(f"{line}: exit {answer.status}, {answer.told}")
        return answer.out

    def refusal(self, line: str) -> str:
        """Return what a command line that fails says; raise AssertionError when it succeeds."""
        answer = self.answer(line)
        if answer.status == 0:
            raise AssertionError(f"{line} succeeded")
        return answer.told

    def answer(self, line: str) -> Answer:
        """Run a command line."""
        return self._shell.run(line)

    def close(self) -> None:
        """Disconnect."""
        self._shell.close()
