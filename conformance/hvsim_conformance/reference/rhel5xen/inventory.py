"""What a RHEL5-Xen host's own tools say about its guests, before any rule is applied."""

import shlex
from dataclasses import dataclass

from hvsim_conformance.reference.ssh import Answer, SecureShell

MIGRATING = "migrating-"
"""How a domain's name begins while it is copied away."""
OFF = "shut off"
PAUSED = "paused"


class ToolError(Exception):
    """A host's tool failed; the text is what it said."""


@dataclass(frozen=True, slots=True)
class GuestFacts:
    """One guest on one host; ``state`` in virsh's words."""

    uuid: str
    name: str
    state: str

    @property
    def active(self) -> bool:
        """Whether it has a domain here."""
        return self.state != OFF

    @property
    def own_name(self) -> str:
        """Its name, also while it is copied away."""
        return self.name.removeprefix(MIGRATING)


@dataclass(frozen=True, slots=True)
class Inventory:
    """One pass over a host."""

    name: str
    guests: dict[str, GuestFacts]


NOTHING = Inventory("", {})
"""The inventory before the first pass."""


def take(shell: SecureShell) -> Inventory:
    """Read a host; raises ToolError or UnreachableError."""
    name = demand(shell.run("hostname")).out.strip()
    lines = demand(shell.run("virsh list --all")).out.splitlines()[2:]
    # An identifier, a name without blanks, and a state that may have some.
    rows = [line.split(None, 2) for line in lines if line.strip()]
    states = {row[1]: row[2] for row in rows if len(row) == 3 and row[0] != "0"}
    return Inventory(name, _guests(states, _uuids(shell, list(states))))


def demand(answer: Answer) -> Answer:
    """Return an answer that tells of no failure; raises ToolError."""
    if answer.status != 0:
        raise ToolError(answer.told)
    return answer


def _uuids(shell: SecureShell, names: list[str]) -> dict[str, str]:
    if not names:
        return {}
    listed = " ".join(shlex.quote(name) for name in names)
    # A guest may go while the others are asked: it is left out then.
    answer = shell.run(f'for guest in {listed}; do echo "$guest" $(virsh domuuid "$guest"); done')
    pairs = (line.split() for line in answer.out.splitlines())
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def _guests(states: dict[str, str], uuids: dict[str, str]) -> dict[str, GuestFacts]:
    found: dict[str, GuestFacts] = {}
    for name, uuid in uuids.items():
        facts = GuestFacts(uuid, name, states[name].strip())
        # A guest that is copied away stands twice: as a domain, and by its file.
        if uuid not in found or facts.active:
            found[uuid] = facts
    return found
