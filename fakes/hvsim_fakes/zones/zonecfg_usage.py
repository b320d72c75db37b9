"""How ``zonecfg`` and its commands are used, as it tells after a wrong command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.zones import schema

if TYPE_CHECKING:
    from hvsim.zones.release import Release

PROGRAM: Final = (
    "usage:\tzonecfg help\n\tzonecfg -z <zone>\t\t\t(interactive)\n"
    "\tzonecfg -z <zone> <command>\n\tzonecfg -z <zone> -f <command-file>\n"
)
COMMANDS: Final = {
    "add": "add <resource-type>\n\t(global scope)\n"
    "add <property-name> <property-value>\n\t(resource scope)",
    "cancel": "cancel",
    "clear": "clear <property-name>",
    "commit": "commit",
    "create": "create [-F] [ -a <path> | -b | -t <template> ]",
    "delete": "delete [-F]",
    "end": "end",
    "exit": "exit [-F]",
    "export": "export [-f output-file]",
    "help": "help [commands] [syntax] [usage] [<command-name>]",
    "info": "info [<resource-type> [property-name=property-value]*]",
    "remove": "remove [-F] <resource-type> [ <property-name>=<property-value> ]*\n"
    "\t(global scope)\nremove <property-name> <property-value>\n\t(resource scope)",
    "revert": "revert [-F]",
    "select": "select <resource-type> { <property-name>=<property-value> }",
    "set": "set <property-name>=<property-value>",
    "verify": "verify",
}
NAME: Final = (
    "\n<zone> := [A-Za-z0-9][A-Za-z0-9_.-]*\n"
    "\t(except the reserved words 'global' and anything starting with 'SUNW')\n"
    "\tName must be less than 64 characters.\n"
)


def of_command(verb: str) -> str:
    """Return how a command is used."""
    return f"usage:\n{COMMANDS[verb]}\n"


def commands() -> str:
    """Return how all commands are used."""
    return "Commands:\n\n" + "".join(f"{usage}\n" for usage in COMMANDS.values())


def resource_types(release: Release) -> str:
    """Return the kinds of resources."""
    kinds = [kind for kind in schema.RESOURCES if kind in release.resources]
    return f"<resource type> := {' | '.join(kinds)}\n\n"


def properties(release: Release) -> str:
    """Return the properties, of a zone as a whole and of each kind of resource."""
    lines = [f"\t(global)\t{name}" for name in (*release.properties, *schema.ALIASES)]
    for kind in schema.RESOURCES:
        if kind in release.resources:
            gap = "\t\t" if len(kind) < 8 else "\t"
            lines.append(f"\t{kind}{gap}{', '.join(schema.RESOURCES[kind].properties)}")
    return "For resource type ... there are property types ...:\n" + "\n".join(lines) + "\n"
