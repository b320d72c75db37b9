"""What zone commands say when they refuse: the products' own words, by the domain's codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hvsim.zones.errors import ZoneError

MESSAGES: Final = {
    "already": "is already {0}.",
    "already-booted": "zone is already booted",
    "already-halted": "zone is already halted",
    "already-in-state": "is already in state '{0}'.",
    "already-ready": "zone is already ready",
    "busy": "another zoneadm may have an operation in progress.",
    "cannot-manage": "cannot manage a zone which is in state '{0}'",
    "daemon-invalid": "{0} operation is invalid for zones in state '{1}'",
    "global-zone": "{0} operation is invalid for the global zone.",
    "host-lost": "the system is going down",
    "invalid-for-state": "{0} operation is invalid for {1} zones.",
    "must-be-first": "must be {0} before {1}.",
    "needs-other": "zone is {0}; {1} required.",
    "no-migration": "zone cannot be moved to another system while it runs",
    "no-space": "{0}: No space left on device",
    "not-absolute": "{0} is not an absolute path.",
    "not-detached": "could not validate: {0}: No such file or directory",
    "not-running": "not running",
    "nothing-to-attach": "{0}: No such file or directory",
    "path-taken": "{0} is in use by another zone.",
    "reserved-name": "{0} operation is invalid for zones starting with SUNW.",
    "storage-missing": "could not verify zonepath {0}: No such device or address",
    "unable-to-destroy": "unable to destroy zone",
}
"""Behind ``zoneadm: zone '<zone>': ``."""

CALLS_DAEMON: Final = frozenset({"boot", "ready"})
"""Subcommands that tell that their call to the zone's daemon failed."""
DAEMON_ERRORS: Final = frozenset({"busy", "unable-to-destroy", "storage-missing", "host-lost"})
"""Refusals that come from the daemon, not from zoneadm itself."""

CONFIG_MESSAGES: Final = {
    "zonepath-empty": "zonepath cannot be empty.",
    "brand-empty": "brand cannot be empty.",
    "property-missing": "{0}: {1} not specified",
    "net-not-exclusive": "net: {0} cannot be specified for an exclusive IP type",
}
"""What verifying a configuration complains of; the last parameter is the general trouble."""

NO_SUCH_ZONE: Final = "No such zone configured"
BOGUS_NAME: Final = "Bogus zone name"
BAD_STATE: Final = "Zone state is invalid for the requested operation"
CLEAR_DISALLOWED: Final = "Clearing this property is not allowed"


def message(error: ZoneError) -> str:
    """Return an error's text without what stands before it; a forced one's words as they are."""
    known = MESSAGES.get(error.code)
    if known is None:
        return " ".join((error.code, *error.params))
    try:
        return known.format(*error.params)
    except IndexError:
        return known


def about(program: str, zone: str, error: ZoneError) -> str:
    """Return the lines that a command prints for an error."""
    if error.code == "no-such-zone":
        return f"{program}: {error.params[0] if error.params else zone}: {NO_SUCH_ZONE}\n"
    if error.code == "source-not-installed":
        source, state = error.params
        return f"{program}: zone {source} is {state}; installed is required.\n"
    if error.code == "path-open":
        return _open_path(program, zone, *error.params)
    return f"{program}: zone '{zone}': {message(error)}\n"


def open_path_lines(path: str, bits: str) -> list[str]:
    """Return a line for each thing that others may do with a zone's directory."""
    mode = int(bits, 8)
    names = (
        (0o040, "group readable"),
        (0o010, "group executable"),
        (0o020, "group writable"),
        (0o004, "world readable"),
        (0o001, "world executable"),
        (0o002, "world writable"),
    )
    return [f"{path} must not be {name}." for bit, name in names if mode & bit]


def _open_path(program: str, zone: str, path: str, bits: str) -> str:
    lines = open_path_lines(path, bits)
    lines.append(f"could not verify zonepath {path} because of the above errors.")
    lines.append(f"{program}: zone {zone} failed to verify")
    return "".join(f"{line}\n" for line in lines)
