"""What the WinRM service answers, and how: a page for the documentation.

``python -m hvsim_fakes.winrm.coverage [file]`` writes it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hvsim_fakes.winrm import actions, faults, names
from hvsim_fakes.winrm.commands import BUILTINS, PROGRAMS
from hvsim_fakes.winrm.faults import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEFAULT_PAGE: Final = Path("docs/coverage/winrm.md")
_EVENTING: Final = names.EVENTING
KNOWN: Final = (
    *(f"{names.TRANSFER}/{name}" for name in ("Create", "Delete", "Get", "Put")),
    *(f"{names.ENUMERATION}/{name}" for name in ("Enumerate", "Pull", "Release")),
    *(
        f"{names.SHELL}/{name}"
        for name in (
            "Command",
            "Connect",
            "Disconnect",
            "Receive",
            "Reconnect",
            "Send",
            "Signal",
        )
    ),
    *(f"{_EVENTING}/{name}" for name in ("Subscribe", "Unsubscribe", "Renew")),
)
"""The actions of [MS-WSMV] and of WS-Management that a Windows server answers."""
_REMARKS: Final = {
    "Get": "shells, and `winrm/config` as a whole",
    "Enumerate": "shells of the user, and commands of a shell; always optimized",
    "Connect": "runspace pools and their pipelines",
    "Signal": "terminate, ctrl_c, ctrl_break, and PowerShell's stop",
}
_RESOURCES: Final = (
    (names.WINRS, "shells of `cmd`"),
    (f"{names.POWERSHELL_PREFIX}*", "runspace pools: " + ", ".join(names.CONFIGURATIONS)),
    (names.SHELL, "to get and list shells"),
    (names.COMMANDS, "to list commands"),
    (names.CONFIG, "to get"),
)
_REMOTING: Final = (
    ("SESSION_CAPABILITY, INIT_RUNSPACEPOOL, CONNECT_RUNSPACEPOOL", "answered"),
    ("CREATE_PIPELINE, PIPELINE_INPUT, END_OF_PIPELINE_INPUT", "carried out"),
    ("PUBLIC_KEY", "answered with a session key; SecureString passes both ways"),
    ("SET_MAX_RUNSPACES, SET_MIN_RUNSPACES, RUNSPACE_AVAILABILITY", "answered"),
    ("RESET_RUNSPACE_STATE", "done while no pipeline runs"),
    ("PIPELINE_HOST_RESPONSE", "of ReadLine and ReadLineAsSecureString"),
    ("GET_COMMAND_METADATA", "the pipeline fails with `NotSupported`"),
    ("RUNSPACEPOOL_HOST_RESPONSE", "never asked for"),
)
_LOGINS: Final = (
    ("Basic", "over HTTP and HTTPS"),
    ("Negotiate, NTLM version 2", "sealed and unsealed; SPNEGO and bare tokens"),
    ("CredSSP", "sealed and unsealed, versions 2 to 6"),
    ("Negotiate, Kerberos", "not there: it needs a key distribution centre"),
    ("certificates", "not there"),
)


def page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# What a WinRM service answers"
    yield ""
    yield "Written by `python -m hvsim_fakes.winrm.coverage`; a test holds it to the code."
    yield from _table("Actions", ("action", "status", ""), map(_action, KNOWN))
    yield from _table("Resources", ("resource", "for"), _codes(_RESOURCES))
    yield from _table("Logins", ("scheme", ""), _LOGINS)
    yield from _table("Messages of PowerShell remoting", ("messages", ""), _REMOTING)
    yield from ("", "## Commands of `cmd`", "")
    yield "Besides `powershell`, with its options in every spelling: "
    yield ", ".join(f"`{name}`" for name in sorted({*BUILTINS, *PROGRAMS})) + "."
    yield "Operators `&`, `&&`, `||`, `|`, parentheses, redirections, `^` and `%NAME%` are read;"
    yield "any other command is not recognized."
    kinds = sorted({(one.code, one.subcode, one.text) for one in _faults()})
    rows = [(str(code), f"`{subcode}`", text) for code, subcode, text in kinds]
    yield from _table("Faults", ("code", "subcode", "when"), rows)


def _faults() -> list[Kind]:
    return [one for one in vars(faults).values() if isinstance(one, Kind)]


def _action(uri: str) -> tuple[str, str, str]:
    name = uri.rpartition("/")[2]
    if uri in actions.ACTIONS:
        return f"`{name}`", "answered", _REMARKS.get(name, "")
    return f"`{name}`", "not implemented", f"fault {faults.ACTION_NOT_SUPPORTED.code}"


def _codes(rows: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(f"`{first}`", rest) for first, rest in rows]


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def main(arguments: list[str]) -> int:
    """Write the page to the file named, or to its place in the repository."""
    target = Path(arguments[0]) if arguments else DEFAULT_PAGE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
