r"""What a cmdlet is, and what its body is given.

How a product adds cmdlets
--------------------------
A cmdlet is registered in a **table**, with its parameters; its body is a generator that yields
what goes down the pipeline::

    TABLE = Table("VirtualMachineManager", "Microsoft.SystemCenter.VirtualMachineManager.Cmdlets")

    @TABLE.cmdlet(
        "Get-SCVirtualMachine",
        Parameter("Name", "string", position=0),
        Parameter("VMHost", "object", pipeline=True),
        Parameter("All", "switch"),
        aliases=("Get-VM",),
    )
    def get_virtual_machine(call: Call) -> Body:
        for row in call.context.guests(call.get("Name")):
            yield NetObject(VM, row)              # VM: a NetType with a table of properties

The body runs once for each object that comes down the pipeline and binds to a parameter, else once.
What it may do:

- ``yield value``: any value goes to the output, lists as one object each: yield element by element.
- ``result = yield Wait(seconds=5)`` or ``yield Wait(subject=operation)``: the script parks in
  simulated time; ``result`` is what the host's ``wait`` returned.
- ``call.error(record(...))``: a non-terminating error, which ``-ErrorAction Stop`` makes
  terminating. ``raise PowerShellError(record(...))``: a terminating one (see :mod:`errors`).
- ``call.warning(text)``, ``call.verbose(text)``, ``call.progress(...)``.
- ``call.set_variable("job", value)`` for parameters as ``-JobVariable``.
- ``call.should_process(target)`` is False under ``-WhatIf`` (for cmdlets made with ``confirm``).

A cmdlet that has to see all its input is a class with three such generators::

    @TABLE.cmdlet("Measure-Thing", Parameter("InputObject", pipeline=True))
    class MeasureThing(Stages):
        def begin(self, call: Call) -> Body: ...
        def process(self, call: Call) -> Body: ...     # once for each object
        def end(self, call: Call) -> Body: ...

Parameter types are names that a script could write in brackets (``string``, ``int``, ``string[]``,
``switch``, ``bool``, ``guid``, ``datetime``, ``scriptblock``, ``hashtable``, ``pscredential``),
``object`` for no conversion, or the name of a type registered with
:func:`objects.registry.register`; a product's types convert with their ``convert``.

Values in Python: None, str, bool, int, float, Decimal, list (an array), Hashtable, PSObject
(a custom object), NetObject, EnumValue, uuid.UUID, Version, DateTime, TimeSpan, ... see
:mod:`objects.values`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from hvsim_fakes.powershell.errors import ErrorRecord
    from hvsim_fakes.powershell.host import Host

Body = Generator[Any, Any, None]
"""What a body is: it yields outputs and :class:`host.Wait`."""

ALL_SETS = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a cmdlet.

    Attributes:
        name: as the product spells it, without the hyphen.
        type: name of a type; ``switch`` takes no argument.
        position: among arguments without a name; None if it has to be named.
        mandatory: whether the command is refused without it (in its parameter sets).
        pipeline: whether objects of the pipeline bind to it.
        by_name: whether properties of its name of such objects do.
        aliases: other names.
        values: the only values it takes (ValidateSet), compared without regard to case.
        sets: names of the parameter sets it belongs to; none stands for all.
        required: those of them that cannot do without it, of a mandatory one; none stands for all.
        default: its value when it is not given.
        remaining: whether it takes all arguments that are left.
        null: whether a null may be given though it is mandatory.
        empty: whether an empty string or collection may be given though it is mandatory.
        least, most: ValidateRange.
        pattern: ValidatePattern.
        count: ValidateCount, fewest and most.
        length: ValidateLength, fewest and most.
        not_null: ValidateNotNull, and with ``not_empty`` ValidateNotNullOrEmpty.
    """

    name: str
    type: str = "object"
    position: int | None = None
    mandatory: bool = False
    pipeline: bool = False
    by_name: bool = False
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    default: Any = None
    remaining: bool = False
    null: bool = False
    empty: bool = False
    least: Any = None
    most: Any = None
    pattern: str = ""
    count: tuple[int, int] | None = None
    length: tuple[int, int] | None = None
    not_null: bool = False
    not_empty: bool = False
    check: Any = None

    def within(self, chosen: str) -> bool:
        """Tell whether it belongs to a parameter set."""
        return not self.sets or chosen in self.sets

    def needed(self, chosen: str) -> bool:
        """Tell whether a parameter set cannot do without it."""
        return self.mandatory and chosen in (self.required or self.sets or (chosen,))


class Call(Protocol):
    """A running cmdlet, as its body sees it."""

    @property
    def name(self) -> str:
        """The cmdlet's name."""

    @property
    def invoked(self) -> str:
        """The name by which the script called it (an alias, perhaps)."""

    @property
    def host(self) -> Host:
        """The simulated host."""

    @property
    def context(self) -> Any:
        """The product's own object of the host."""

    @property
    def engine(self) -> Any:
        """The running engine, for cmdlets that run script blocks."""

    @property
    def parameter_set(self) -> str:
        """Name of the parameter set chosen."""

    @property
    def bound(self) -> Mapping[str, Any]:
        """The parameters given, by name."""

    @property
    def item(self) -> Any:
        """The object that came down the pipeline (``$_``), NOTHING if none did."""

    @property
    def engine_frame(self) -> Any:
        """The frame of the caller, for cmdlets that run script blocks in its scope."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a parameter, its default, or ``default``."""

    def given(self, name: str) -> bool:
        """Tell whether a parameter was given, by the command line or the pipeline."""

    def on(self, name: str) -> bool:
        """Tell whether a switch is on."""

    def error(self, record: ErrorRecord, *, signed: bool = False, own_class: str = "") -> None:
        """Write a non-terminating error; a signed one says itself whose it is."""

    def warning(self, text: str) -> None:
        """Write a warning."""

    def verbose(self, text: str) -> None:
        """Write a verbose message, seen when asked for."""

    def debug(self, text: str) -> None:
        """Write a debug message, seen when asked for."""

    def information(self, value: Any, tags: Iterable[str] = ()) -> None:
        """Write to the information stream."""

    def progress(self, activity: str, status: str, percent: int, *, done: bool = False) -> None:
        """Show how far it is; ``percent`` is -1 when not known."""

    def set_variable(self, name: str, value: Any) -> None:
        """Set a variable in the scope of the caller."""

    def should_process(self, target: str, action: str = "") -> bool:
        """Tell whether to go on; says what would be done and returns False under -WhatIf."""


class Stages:
    """A cmdlet in three stages; one object of it is made for each run."""

    def begin(self, call: Call) -> Body:  # noqa: ARG002 - for those that override it
        """Run before the first object arrives."""
        yield from ()

    def process(self, call: Call) -> Body:  # noqa: ARG002 - for those that override it
        """Run for each object; once if the cmdlet is given no pipeline."""
        yield from ()

    def end(self, call: Call) -> Body:  # noqa: ARG002 - for those that override it
        """Run after the last object."""
        yield from ()


class Once(Stages):
    """A cmdlet whose body is one generator function."""

    def __init__(self, body: Callable[[Call], Body]) -> None:
        self._body = body

    def process(self, call: Call) -> Body:
        """Run for each object."""
        return self._body(call)


@dataclass(frozen=True, slots=True)
class Cmdlet:
    """A cmdlet.

    Attributes:
        name: verb and noun.
        parameters: its own; the common ones go without saying.
        make: a new run of it.
        module: the module it comes from.
        class_name: full name of its .NET class, shown in FullyQualifiedErrorId.
        default_set: the parameter set when arguments do not tell.
        confirm: whether it has -WhatIf and -Confirm.
        aliases: other names.
        output: .NET names of what it gives, for ``Get-Command``.
    """

    name: str
    parameters: tuple[Parameter, ...]
    make: Callable[[], Stages]
    module: str = ""
    class_name: str = ""
    default_set: str = ALL_SETS
    confirm: bool = False
    aliases: tuple[str, ...] = ()

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of a name or an alias of it."""
        lower = name.lower()
        for one in self.parameters:
            if one.name.lower() == lower or lower in (alias.lower() for alias in one.aliases):
                return one
        return None


Given = TypeVar("Given", bound=Callable[[Call], Body] | type[Stages])


@dataclass
class Table:
    """Cmdlets of a module.

    Attributes:
        module: the module's name, for ``Get-Module`` and ``Import-Module``.
        namespace: of the cmdlets' classes; ``Get-SCJob`` becomes ``<namespace>.GetSCJobCmdlet``
            unless ``class_name`` says otherwise.
        version: the module's version.
    """

    module: str
    namespace: str = ""
    version: str = "1.0"
    suffix: str = "Command"
    cmdlets: dict[str, Cmdlet] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def cmdlet(
        self,
        name: str,
        *parameters: Parameter,
        aliases: tuple[str, ...] = (),
        default_set: str = ALL_SETS,
        confirm: bool = False,
        class_name: str = "",
    ) -> Callable[[Given], Given]:
        """Register a generator function or a class of :class:`Stages` as a cmdlet."""
        known = class_name or f"{self.namespace}.{name.replace('-', '')}{self.suffix}"

        def register(given: Given) -> Given:
            one = Cmdlet(
                name,
                parameters,
                _maker(given),
                self.module,
                known,
                default_set,
                confirm,
                aliases,
            )
            self.add(one)
            return given

        return register

    def add(self, cmdlet: Cmdlet) -> None:
        """Add a cmdlet and its aliases."""
        self.cmdlets[cmdlet.name.lower()] = cmdlet
        for alias in cmdlet.aliases:
            self.aliases[alias.lower()] = cmdlet.name

    def alias(self, name: str, target: str) -> None:
        """Add an alias."""
        self.aliases[name.lower()] = target

    def __iter__(self) -> Iterator[Cmdlet]:
        return iter(self.cmdlets.values())


def _maker(given: Callable[[Call], Body] | type[Stages]) -> Callable[[], Stages]:
    if isinstance(given, type):
        return given
    body = given
    return lambda: Once(body)
