"""The parameters of VMM's cmdlets as the published reference of VMM 2016 gives them.

The facts lie in ``reference.toml``: by cmdlet, its default parameter set and its parameters, each
``Name:type`` followed by marks: ``|`` when it takes objects of the pipeline, ``~Alias`` for another
name, ``=Word`` for a value that it takes, and, for each parameter set that it belongs to (none
stands for all), ``@Set``, with its place among the arguments without a name and ``!`` where the set
cannot do without it, as in ``VM:object | @SingleVM.0!``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.cmdlet import ALL_SETS, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONVERTED: Final = ("switch", "guid")
"""Types that the reference decides even where a cmdlet's body declares the parameter itself."""


ALSO: Final = {
    "New-SCVirtualMachine": ("VMHostGroup",),
    "Get-SCVMMManagedComputer": ("ID",),
    "Get-SCHardwareProfile": ("Name",),
    "Get-SCOperatingSystem": ("Name",),
    "Set-SCVirtualMachine": ("EnableTimeSynchronization",),
    "Set-SCVirtualNetworkAdapter": ("IPv4Address",),
}
"""Parameters beside the reference's, which microsoft.scvmm or other scripts in use give."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A cmdlet as the reference has it."""

    parameters: tuple[Parameter, ...]
    default_set: str


@cache
def _facts() -> dict[str, Any]:
    text = files("hvsim_fakes.scvmm").joinpath("reference.toml").read_text("utf-8")
    return tomllib.loads(text)


def documented(name: str) -> Reference | None:
    """Return what the reference says of a cmdlet; None for one that it does not have."""
    facts = _facts().get(name)
    if facts is None:
        return None
    parameters = tuple(_parameter(line) for line in facts["parameters"])
    return Reference(parameters, facts.get("default", ALL_SETS))


def merged(name: str, own: tuple[Parameter, ...], default_set: str) -> Reference:
    """Return what a cmdlet takes: the reference's parameters, with the types that its body needs.

    Args:
        own: the parameters that the cmdlet's body makes something of.
    """
    found = documented(name)
    if found is None:
        return Reference(own, default_set)
    declared = {one.name: one for one in own}
    also = tuple(declared[one] for one in ALSO.get(name, ()))
    known = tuple(_typed(one, declared.get(one.name)) for one in found.parameters)
    return Reference(_unrivalled(known + also), found.default_set)


def _unrivalled(known: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Let what comes down the pipeline be the object that a cmdlet is of, not a connection.

    Objects have no types here that would tell.
    """
    if not any(one.pipeline and one.mandatory and not one.sets for one in known):
        return known
    return tuple(replace(one, pipeline=False) if one.name == "VMMServer" else one for one in known)


def idle(name: str, own: Iterable[Parameter]) -> list[str]:
    """Return the parameters of a cmdlet that are taken and change nothing here."""
    found = documented(name)
    known = {one.name for one in own}
    return [] if found is None else [one.name for one in found.parameters if one.name not in known]


def _typed(one: Parameter, own: Parameter | None) -> Parameter:
    if own is None:
        return one
    kind = one.type if one.type in _CONVERTED else own.type
    aliases = dict.fromkeys((*one.aliases, *own.aliases))
    values = own.values or one.values
    piped = one.pipeline or own.pipeline
    return replace(
        one, pipeline=piped, type=kind, aliases=tuple(aliases), values=values, default=own.default
    )


def _parameter(line: str) -> Parameter:
    head, *marks = line.split()
    name, _, kind = head.partition(":")
    sets = [mark[1:] for mark in marks if mark.startswith("@")]
    places = [int(one.partition(".")[2].rstrip("!")) for one in sets if "." in one]
    required = tuple(_set_of(one) for one in sets if one.endswith("!"))
    everywhere = tuple(filter(None, map(_set_of, sets)))
    return Parameter(
        name,
        kind,
        position=min(places, default=None),
        mandatory=bool(required),
        pipeline="|" in marks,
        aliases=tuple(mark[1:] for mark in marks if mark.startswith("~")),
        values=tuple(mark[1:] for mark in marks if mark.startswith("=")),
        sets=everywhere,
        required=tuple(filter(None, required)),
    )


def _set_of(mark: str) -> str:
    return mark.rstrip("!").partition(".")[0]
