"""What a scenario declares and refers to, judged together: no name twice, none that dangles."""

from __future__ import annotations

import ipaddress
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hvsim.lines import Path
    from hvsim.tables import Document

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class Survey:
    """Collects names as the parts of a scenario give them.

    Args:
        document: the scenario, for the places in error messages.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._declared: dict[tuple[str, str], dict[str, Path]] = {}
        self._expected: list[tuple[str, str, str, Path]] = []

    def declare(self, noun: str, name: str, path: Path, scope: str = "") -> None:
        """Note that there is a ``noun`` called ``name`` (within ``scope``).

        Raises:
            InputError: when there is one already, or the name is empty or has control characters.
        """
        if not name:
            raise self.document.error(path, f"expected a name for this {noun}")
        if _CONTROL.search(name):
            sentence = f"expected a name without control characters for this {noun}, not {name!r}"
            raise self.document.error(path, sentence)
        known = self._declared.setdefault((noun, scope), {})
        if name in known:
            place = ".".join(str(step) for step in known[name])
            line = self.document.lines and self.document.lines.line(known[name])
            first = f"line {line}" if line else place
            raise self.document.error(
                path, f"expected each {noun} once: {name!r} stands at {first} already"
            )
        known[name] = path

    def declare_address(self, address: str, path: Path) -> None:
        """Note a management address.

        Raises:
            InputError: when it is no IPv4 address, or in use already.
        """
        try:
            ipaddress.IPv4Address(address)
        except ValueError:
            sentence = f"expected an IPv4 address, not {address!r}"
            raise self.document.error(path, sentence) from None
        self.declare("address", address, path)

    def expect(self, noun: str, name: str, path: Path, scope: str = "") -> None:
        """Note a reference, to be judged when everything is declared."""
        self._expected.append((noun, scope, name, path))

    def knows(self, noun: str, name: str, scope: str = "") -> bool:
        """Whether it was declared so far."""
        return name in self._declared.get((noun, scope), {})

    def settle(self) -> None:
        """Judge the references.

        Raises:
            InputError: about the first one that leads nowhere.
        """
        for noun, scope, name, path in self._expected:
            known = self._declared.get((noun, scope), {})
            if name not in known:
                raise self.document.error(path, _dangling(noun, scope, name, list(known)))


def _dangling(noun: str, scope: str, name: str, known: list[str]) -> str:
    where = f" in {scope}" if scope else ""
    near = get_close_matches(name, known, 1)
    if near:
        return f"no {noun} called {name!r}{where}: did you mean {near[0]!r}?"
    if not known:
        return f"no {noun} called {name!r}{where}: there is none to name"
    few = ", ".join(sorted(known)[:8])
    return f"no {noun} called {name!r}{where}: expected one of {few}"
