"""Guests' configuration files, as ``xm`` and libvirt read them from /etc/xen.

A file is Python assignments of plain values; nothing in it is ever executed here.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, replace
from typing import Any, Final

from hvsim.errors import Refusal

ACTIONS: Final = ("destroy", "restart", "preserve", "rename-restart")
"""What may become of a domain that has ended."""
LARGEST: Final = 65_536
"""Bytes of the largest file that is read."""
_DEFAULTS: Final = {"on_poweroff": "destroy", "on_reboot": "restart", "on_crash": "restart"}


class Unreadable(Refusal):
    """A configuration file cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a guest is made of.

    Attributes:
        uuid: with dashes, lower case; empty when the file has none.
        memory, maxmem: MiB at its start, and at most.
        vcpus: virtual processors at most.
        hvm: whether it is fully virtualised.
        disks: as in the file: ``target,device,mode``.
        vifs: as in the file: ``mac=...,bridge=...``.
        kernel: path in Domain-0; empty where the boot loader finds it.
    """

    name: str
    uuid: str = ""
    memory: int = 512
    maxmem: int = 512
    vcpus: int = 1
    hvm: bool = False
    bootloader: str = "/usr/bin/pygrub"
    kernel: str = ""
    ramdisk: str = ""
    disks: tuple[str, ...] = ()
    vifs: tuple[str, ...] = ()
    on_poweroff: str = "destroy"
    on_reboot: str = "restart"
    on_crash: str = "restart"

    def renamed(self, name: str) -> Configuration:
        """Return the same under another name."""
        return replace(self, name=name)


def parse(text: str, file: str) -> Configuration:
    """Return what a file describes; a name that it lacks is the file's own.

    Raises:
        Unreadable: when it is not assignments of plain values of the right types.
    """
    return _configuration(_assignments(text), file.rpartition("/")[2])


def render(made: Configuration) -> str:
    """Return a configuration as a file, in the order in which Red Hat's tools write it."""
    system = (
        {"builder": "hvm", "kernel": "/usr/lib/xen/boot/hvmloader", "pae": 1, "acpi": 1, "apic": 1}
        if made.hvm
        else {"bootloader": made.bootloader}
        if made.bootloader
        else {"kernel": made.kernel}
    )
    values: dict[str, Any] = {
        "name": made.name,
        "uuid": made.uuid,
        "maxmem": made.maxmem,
        "memory": made.memory,
        "vcpus": made.vcpus,
        **system,
        "on_poweroff": made.on_poweroff,
        "on_reboot": made.on_reboot,
        "on_crash": made.on_crash,
        "disk": list(made.disks),
        "vif": list(made.vifs),
    }
    return "".join(f"{key} = {_literal(value)}\n" for key, value in values.items())


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"[ {', '.join(_literal(one) for one in value)} ]" if value else "[ ]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    return str(value)


def _assignments(text: str) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise Unreadable("file too large")
    try:
        with warnings.catch_warnings():
            # An odd escape in a simulated file is no concern of who runs the simulator.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        raise Unreadable(f"invalid syntax (line {error.lineno or 1})") from None
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable("invalid syntax (line 1)") from None
    return dict(_assignment(statement) for statement in tree.body)


def _assignment(statement: ast.stmt) -> tuple[str, Any]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            try:
                return name, ast.literal_eval(value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                pass
    raise Unreadable(f"expected the assignment of a plain value (line {statement.lineno})")


def _configuration(values: dict[str, Any], file: str) -> Configuration:
    memory = _number(values, "memory", 512)
    return Configuration(
        name=_text(values, "name", file),
        uuid=_text(values, "uuid", "").lower(),
        memory=memory,
        maxmem=max(memory, _number(values, "maxmem", memory)),
        vcpus=_number(values, "vcpus", 1),
        hvm=_text(values, "builder", "linux") == "hvm",
        bootloader=_text(values, "bootloader", ""),
        kernel=_text(values, "kernel", ""),
        ramdisk=_text(values, "ramdisk", ""),
        disks=_texts(values, "disk"),
        vifs=_texts(values, "vif"),
        **{key: _action(values, key) for key in _DEFAULTS},
    )


def _text(values: dict[str, Any], key: str, default: str) -> str:
    value = values.get(key, default)
    if (
        not isinstance(value, str)
        or "\x00" in value
        or "\n" in value
        or "/" in value * (key == "name")
    ):
        raise Unreadable(f"{key}: expected a string")
    return value


def _number(values: dict[str, Any], key: str, default: int) -> int:
    value = values.get(key, default)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        # xm accepts quoted numbers, and many files have them.
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise Unreadable(f"{key}: expected a number")
    return value


def _texts(values: dict[str, Any], key: str) -> tuple[str, ...]:
    value = values.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Unreadable(f"{key}: expected a list of strings")
    return tuple(value)


def _action(values: dict[str, Any], key: str) -> str:
    value = _text(values, key, _DEFAULTS[key])
    if value not in ACTIONS:
        raise Unreadable(f"{key}: expected one of {', '.join(ACTIONS)}")
    return value
