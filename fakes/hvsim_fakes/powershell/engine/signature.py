"""What commands take: their parameters by name, and how binding refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hvsim_fakes.powershell.cmdlet import Parameter
from hvsim_fakes.powershell.errors import PowerShellError, failure

COMMON: Final = (
    Parameter("Verbose", "switch", aliases=("vb",)),
    Parameter("Debug", "switch", aliases=("db",)),
    Parameter("ErrorAction", "System.Management.Automation.ActionPreference", aliases=("ea",)),
    Parameter("WarningAction", "System.Management.Automation.ActionPreference", aliases=("wa",)),
    Parameter(
        "InformationAction", "System.Management.Automation.ActionPreference", aliases=("infa",)
    ),
    Parameter("ErrorVariable", "string", aliases=("ev",)),
    Parameter("WarningVariable", "string", aliases=("wv",)),
    Parameter("InformationVariable", "string", aliases=("iv",)),
    Parameter("OutVariable", "string", aliases=("ov",)),
    Parameter("OutBuffer", "int", aliases=("ob",)),
    Parameter("PipelineVariable", "string", aliases=("pv",)),
)


CONFIRM: Final = (
    Parameter("WhatIf", "switch", aliases=("wi",)),
    Parameter("Confirm", "switch", aliases=("cf",)),
)


_BINDING: Final = "System.Management.Automation.ParameterBindingException"


TRANSFORMATION: Final = (
    "System.Management.Automation.ParameterBindingArgumentTransformationException"
)


VALIDATION: Final = "System.Management.Automation.ParameterBindingValidationException"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a command takes.

    Attributes:
        name: the command's name.
        class_name: of its class, for FullyQualifiedErrorId.
        parameters: all of them, the common ones too.
        default_set: the parameter set when arguments do not tell.
        simple: whether arguments that are left over become ``$args``.
        script: whether it is a script's function, which transforms its arguments.
        names: its parameters by all their names, in lower case.
        sets: names of its parameter sets.
    """

    name: str
    class_name: str
    parameters: tuple[Parameter, ...]
    default_set: str
    simple: bool = False
    script: bool = False
    names: dict[str, Parameter] = field(default_factory=dict)
    sets: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        name: str,
        class_name: str,
        parameters: tuple[Parameter, ...],
        default_set: str,
        *,
        common: bool = True,
        confirm: bool = False,
        script: bool = False,
    ) -> Signature:
        """Return a signature, with the common parameters."""
        whole = parameters
        if common:
            taken = {one.name.lower() for one in parameters}
            more = COMMON + (CONFIRM if confirm else ())
            whole += tuple(one for one in more if one.name.lower() not in taken)
        names: dict[str, Parameter] = {}
        for one in whole:
            for word in (one.name, *one.aliases):
                names.setdefault(word.lower(), one)
        return cls(name, class_name, whole, default_set, not common, script, names, _sets(whole))

    def find(self, word: str) -> Parameter | None:
        """Return the parameter of a name, an alias, or a beginning that fits only one.

        Raises:
            PowerShellError: it fits several.
        """
        lower = word.lower()
        exact = self.names.get(lower)
        if exact is not None:
            return exact
        near = {one.name: one for name, one in self.names.items() if name.startswith(lower)}
        if len(near) > 1:
            plain = {n: one for n, one in near.items() if one not in COMMON and one not in CONFIRM}
            near = plain if len(plain) == 1 else near
        if len(near) == 1:
            return next(iter(near.values()))
        if not near:
            return None
        names = " ".join(f"-{one}" for one in near)
        text = (
            f"Parameter cannot be processed because the parameter name '{word}' is ambiguous. "
            f"Possible matches include: {names}."
        )
        raise self.refuse(text, "AmbiguousParameter")

    def refuse(
        self,
        text: str,
        error_id: str,
        category: str = "InvalidArgument",
        exception: str = _BINDING,
    ) -> PowerShellError:
        """Return an error of binding."""
        wrong = failure(text, error_id, category, exception=exception)
        wrong.record.activity = self.name
        wrong.record.command_class = self.class_name
        return wrong


def _sets(parameters: tuple[Parameter, ...]) -> tuple[str, ...]:
    """Return the names of all parameter sets, in order."""
    return tuple(dict.fromkeys(chosen for one in parameters for chosen in one.sets))
