"""Variables and functions, and in which scope a name is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.errors import failure
from hvsim_fakes.powershell.objects.convert import convert
from hvsim_fakes.powershell.objects.text import to_text

if TYPE_CHECKING:
    from hvsim_fakes.powershell.errors import PowerShellError
    from hvsim_fakes.powershell.objects.nettype import NetType

CONSTANTS = {"true": True, "false": False, "null": None}
READ_ONLY = frozenset(
    {
        "true",
        "false",
        "pshome",
        "host",
        "pid",
        "executioncontext",
        "psversiontable",
        "home",
        "psculture",
        "psuiculture",
        "shellid",
    }
)


class Scope:
    """Variables of a script, function or block; what it lacks is looked up in its caller's.

    A session and each module are a session state of their own: code finds what it names where it
    was written, whoever calls it (about_Modules, about_Scopes).

    Attributes:
        caller: the scope of another session state that this one was entered from.
        top: the outermost scope of its session state, ``$script:``.
        variables: values by name in lower case.
        functions: by name in lower case.
        types: of variables that were given one by a cast.
    """

    __slots__ = ("aliases", "caller", "functions", "parent", "top", "types", "variables")

    def __init__(self, parent: Scope | None = None) -> None:
        self.variables: dict[str, Any] = {}
        self.functions: dict[str, Any] = {}
        self.aliases: dict[str, str] = {}
        self.types: dict[str, NetType] | None = None
        self.parent = parent
        self.caller: Scope | None = None
        self.top: Scope = parent.top if parent is not None else self

    @property
    def session(self) -> Scope:
        """The outermost scope of all, ``$global:``."""
        top = self.top
        while top.parent is not None:
            top = top.parent.top
        return top

    def current(self, home: Scope | None) -> Scope:
        """Return the innermost scope that runs of the session state with the top ``home``.

        None is the state of who calls: of a text that was only just made a script block.
        """
        if home is None or home is self.top:
            return self
        scope: Scope | None = self
        while scope is not None:
            if scope.caller is None:
                scope = scope.parent
                continue
            scope = scope.caller
            if scope.top is home:
                return scope
        return home

    def get(self, name: str, default: Any = None) -> Any:
        """Return a variable's value."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.parent
        return default

    def has(self, name: str) -> bool:
        """Tell whether there is a variable."""
        return self.owner(name) is not None

    def owner(self, name: str) -> Scope | None:
        """Return the scope that has a variable."""
        scope: Scope | None = self
        while scope is not None and name not in scope.variables:
            scope = scope.parent
        return scope

    def set(self, name: str, value: Any) -> None:
        """Set a variable in this scope; a type that it was given converts the value."""
        if self.types is not None and name in self.types:
            value = self._typed(name, value)
        if name in READ_ONLY or name == "null":
            if name == "null":
                return
            raise not_writable(name)
        self.variables[name] = value

    def _typed(self, name: str, value: Any) -> Any:
        assert self.types is not None  # noqa: S101 - the parser saw to it
        kind = self.types[name]
        try:
            return convert(value, kind)
        except BaseException as wrong:
            record = getattr(wrong, "record", None)
            if record is not None:
                record.category = "MetadataError"
                record.error_id = "RuntimeException"
                record.exception.message = (
                    f'Cannot convert value "{to_text(value)}" to type "{kind.name}". Error: '
                    f'"{_reason(record.exception.message)}"'
                )
            raise

    def constrain(self, name: str, kind: NetType) -> None:
        """Give a variable a type."""
        self.types = self.types or {}
        self.types[name] = kind

    def function(self, name: str) -> Any:
        """Return a function, None if there is none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.functions:
                return scope.functions[name]
            scope = scope.parent
        return None

    def alias(self, name: str) -> str | None:
        """Return what an alias stands for."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.aliases:
                return scope.aliases[name]
            scope = scope.parent
        return None


class ModuleScope(Scope):
    """The outermost scope of a module.

    Attributes:
        exports: patterns of the names of each kind that it exports, by ``Export-ModuleMember``;
            None while that has not been called, which exports functions and aliases.
    """

    __slots__ = ("exports",)

    def __init__(self, session: Scope) -> None:
        super().__init__(session)
        self.top = self
        self.exports: dict[str, list[str]] | None = None


def _reason(text: str) -> str:
    inner = text.partition('Error: "')[2]
    return inner[:-1] if inner else text


def not_writable(name: str) -> PowerShellError:
    """Return the error for a variable that may not be set."""
    return failure(
        f"Cannot overwrite variable {name} because it is read-only or constant.",
        "VariableNotWritable",
        "WriteError",
        name,
        "System.Management.Automation.SessionStateUnauthorizedAccessException",
    )
