"""The cmdlets of VMM: each once, under its name of 2012 and later and that of 2008 R2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm.errors import VmmError
from hvsim_fakes.powershell.cmdlet import ALL_SETS, Parameter, Table
from hvsim_fakes.scvmm.context import begin, refuse
from hvsim_fakes.scvmm.reference import Reference, merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.scvmm.release import Release
    from hvsim_fakes.powershell.cmdlet import Body, Call

NAMESPACE: Final = "Microsoft.SystemCenter.VirtualMachineManager.Cmdlets"
SERVER: Final = Parameter("VMMServer", "object", pipeline=True)
"""A connection, or a server's name; nearly every cmdlet takes it."""
_ON_BEHALF: Final = (
    Parameter("OnBehalfOfUser", "string"),
    Parameter("OnBehalfOfUserRole", "object"),
)
JOB: Final = (
    Parameter("RunAsynchronously", "switch"),
    Parameter("JobVariable", "string"),
    Parameter("JobGroup", "object"),
    Parameter("PROTipID", "object"),
    *_ON_BEHALF,
)
"""What cmdlets take that make a job."""


@dataclass(frozen=True, slots=True)
class Known:
    """A cmdlet: its names, parameters and body, and whether it asks before it acts."""

    name: str
    legacy: str
    parameters: tuple[Parameter, ...]
    body: Callable[[Call], Body]
    confirm: bool
    class_name: str
    default_set: str

    @property
    def takes(self) -> Reference:
        """What VMM 2012 and later takes, parameter sets and all."""
        return merged(self.name, self.parameters, self.default_set)


CMDLETS: Final[dict[str, Known]] = {}
"""By name."""


def cmdlet(
    name: str,
    legacy: str,
    *parameters: Parameter,
    confirm: bool = False,
    class_name: str = "",
    default_set: str = ALL_SETS,
) -> Callable[[Callable[[Call], Body]], Callable[[Call], Body]]:
    """Register a generator function as a cmdlet; ``legacy`` is empty where 2008 R2 has none.

    A :class:`VmmError` that leaves it is written as a non-terminating error.
    """

    def register(body: Callable[[Call], Body]) -> Callable[[Call], Body]:
        known = class_name or _class_name(legacy or name)
        run = _guarded(body)
        CMDLETS[name] = Known(name, legacy, parameters, run, confirm, known, default_set)
        return body

    return register


def _class_name(name: str) -> str:
    verb, _, noun = name.partition("-")
    return f"{verb}{noun.removeprefix('SC')}Cmdlet"


def _guarded(body: Callable[[Call], Body]) -> Callable[[Call], Body]:
    def run(call: Call) -> Body:
        try:
            yield from begin(call)
            yield from body(call)
        except VmmError as error:
            refuse(call, error)

    return run


def table(release: Release) -> Table:
    """Return the cmdlets that a release has, by the names that it gives them."""
    if release.legacy:
        made = Table("Microsoft.SystemCenter.VirtualMachineManager", NAMESPACE, "2.0.0.0")
    else:
        made = Table("VirtualMachineManager", NAMESPACE, release.interface)
    for known in CMDLETS.values():
        name = known.legacy if release.legacy else known.name
        aliases = () if release.legacy or not known.legacy else (known.legacy,)
        if name:
            _add(made, known, name, aliases)
    return made


def _add(made: Table, known: Known, name: str, aliases: tuple[str, ...]) -> None:
    # The reference is of 2016; what 2008 R2 took is known only as far as a body uses it.
    legacy = name != known.name
    takes = Reference(known.parameters, known.default_set) if legacy else known.takes
    add: Any = made.cmdlet(
        name,
        *takes.parameters,
        aliases=aliases,
        default_set=takes.default_set,
        confirm=known.confirm,
        class_name=f"{NAMESPACE}.{known.class_name}",
    )
    add(known.body)
