"""Errors as PowerShell has them: exceptions of .NET, error records, and what ends a statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hvsim_fakes.powershell.language.extent import Extent

_EXCEPTIONS: dict[str, NetType] = {}


@dataclass(slots=True, eq=False)
class NetException:
    """An exception object of .NET, as ``$_.Exception`` shows it.

    Attributes:
        ps_type: its class, made by :func:`exception_type`.
        message: the text.
        inner: the exception that caused it.
        facts: values of further properties, by their names.
    """

    ps_type: NetType
    message: str
    inner: NetException | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    record: ErrorRecord | None = None


@dataclass(slots=True, eq=False)
class ErrorRecord:
    """An error record.

    Attributes:
        exception: what happened.
        error_id: the first part of FullyQualifiedErrorId; the cmdlet's class is added when a
            cmdlet writes the record.
        category: a name of ErrorCategory (``NotSpecified``, ``InvalidArgument``, ...).
        target: the object it is about.
        activity: the command that wrote it.
        reason: short name of the exception's class, unless set.
        target_name, target_type: of the target, unless set.
        command_class: full class name of the cmdlet, appended to ``error_id``.
        extent: the part of the script it is at; None if it is at none.
        recommended: the text of ErrorDetails.RecommendedAction.
        details: text that is shown instead of the exception's message.
    """

    exception: NetException
    error_id: str
    category: str = "NotSpecified"
    target: Any = None
    activity: str = ""
    reason: str = ""
    target_name: str = ""
    target_type: str = ""
    command_class: str = ""
    extent: Extent | None = None
    command: str = ""
    recommended: str = ""
    details: str = ""
    trace: str = ""

    @property
    def message(self) -> str:
        """The text shown."""
        return self.details or self.exception.message

    @property
    def full_id(self) -> str:
        """FullyQualifiedErrorId."""
        if not self.command_class:
            return self.error_id
        return f"{self.error_id},{self.command_class}"


class PowerShellError(Exception):
    """A terminating error: raised by a cmdlet's body, it ends the statement.

    ``fatal`` ones (exceeded limits) cannot be caught by a script.
    """

    def __init__(self, record: ErrorRecord, *, fatal: bool = False) -> None:
        self.record = record
        self.fatal = fatal
        self.ends_function = False  # thrown by a function of the script as its own
        self.ends_script = False  # thrown by a script, or made terminating by -ErrorAction Stop
        super().__init__(record.message)


def exception_type(name: str, base: str = "System.SystemException", *facts: str) -> NetType:
    """Return the exception class of a name, made at first; ``facts`` are its own properties.

    Args:
        name: the full name.
        base: full name of the class it extends.
        facts: names of properties read from :attr:`NetException.facts`.
    """
    found = _EXCEPTIONS.get(name.lower())
    if found is None:
        properties = [Property(one, _fact(one)) for one in facts]
        found = NetType(name, exception_type(base), properties=properties, construct=None)
        found.construct = make = _maker(found)
        found.convert = lambda value: make(None, [value])
        _EXCEPTIONS[name.lower()] = found
    return found


def exception_types() -> dict[str, NetType]:
    """Return all exception classes by their full names in lower case."""
    return _EXCEPTIONS


def record(  # noqa: PLR0917 - they go together everywhere
    message: str,
    error_id: str,
    category: str = "NotSpecified",
    target: Any = None,
    exception: str = "System.Management.Automation.RuntimeException",
    inner: NetException | None = None,
    **more: Any,
) -> ErrorRecord:
    """Return an error record with a new exception of the class named."""
    thrown = NetException(exception_type(exception), message, inner)
    made = ErrorRecord(thrown, error_id, category, target, **more)
    thrown.record = made
    return made


def failure(  # noqa: PLR0917 - they go together everywhere
    message: str,
    error_id: str,
    category: str = "InvalidOperation",
    target: Any = None,
    exception: str = "System.Management.Automation.RuntimeException",
    inner: NetException | None = None,
    **more: Any,
) -> PowerShellError:
    """Return a terminating error; see :func:`record`."""
    return PowerShellError(record(message, error_id, category, target, exception, inner, **more))


def _fact(name: str) -> Any:
    return lambda exception: exception.facts.get(name)


def _maker(kind: NetType) -> Any:
    def make(_: Any, arguments: list[Any]) -> NetException:
        text = str(arguments[0]) if arguments and arguments[0] is not None else ""
        inner = arguments[1] if len(arguments) > 1 else None
        plain = text or f"Exception of type '{kind.name}' was thrown."
        return NetException(kind, plain, inner if isinstance(inner, NetException) else None)

    return make


def _hresult(exception: NetException) -> int:
    return int(exception.facts.get("HResult", -2146233087))


EXCEPTION = NetType(
    "System.Exception",
    OBJECT,
    properties=[
        Property("Message", lambda one: one.message, type="System.String"),
        Property("Data", lambda _: None),
        Property("InnerException", lambda one: one.inner, type="System.Exception"),
        Property("TargetSite", lambda _: None),
        Property("StackTrace", lambda _: None),
        Property("HelpLink", lambda _: None),
        Property("Source", lambda one: one.facts.get("Source")),
        Property("HResult", _hresult, type="System.Int32"),
        Property("ErrorRecord", lambda one: one.record),
    ],
    text=lambda one: f"{one.ps_type.name}: {one.message}",
)
EXCEPTION.construct = _make = _maker(EXCEPTION)
EXCEPTION.convert = lambda value: _make(None, [value])
_EXCEPTIONS["system.exception"] = EXCEPTION
_SYSTEM = "System."
_AUTOMATION = "System.Management.Automation."
exception_type("System.SystemException", "System.Exception")
for _name, _base in (
    ("System.ApplicationException", "System.Exception"),
    ("System.ArgumentException", ""),
    ("System.ArgumentNullException", "System.ArgumentException"),
    ("System.ArgumentOutOfRangeException", "System.ArgumentException"),
    ("System.ArithmeticException", ""),
    ("System.DivideByZeroException", "System.ArithmeticException"),
    ("System.OverflowException", "System.ArithmeticException"),
    ("System.FormatException", ""),
    ("System.IndexOutOfRangeException", ""),
    ("System.InvalidCastException", ""),
    ("System.InvalidOperationException", ""),
    ("System.NotImplementedException", ""),
    ("System.NotSupportedException", ""),
    ("System.NullReferenceException", ""),
    ("System.OutOfMemoryException", ""),
    ("System.RankException", ""),
    ("System.TimeoutException", ""),
    ("System.UnauthorizedAccessException", ""),
    ("System.IO.IOException", ""),
    ("System.IO.InvalidDataException", ""),
    ("System.IO.FileNotFoundException", "System.IO.IOException"),
    ("System.IO.DirectoryNotFoundException", "System.IO.IOException"),
    ("System.Collections.Generic.KeyNotFoundException", ""),
    (_AUTOMATION + "RuntimeException", ""),
    (_AUTOMATION + "ActionPreferenceStopException", _AUTOMATION + "RuntimeException"),
    (_AUTOMATION + "CommandNotFoundException", _AUTOMATION + "RuntimeException"),
    (_AUTOMATION + "MethodException", _AUTOMATION + "ExtendedTypeSystemException"),
    (_AUTOMATION + "ExtendedTypeSystemException", _AUTOMATION + "RuntimeException"),
    (_AUTOMATION + "MethodInvocationException", _AUTOMATION + "MethodException"),
    (_AUTOMATION + "SetValueException", _AUTOMATION + "ExtendedTypeSystemException"),
    (_AUTOMATION + "SetValueInvocationException", _AUTOMATION + "SetValueException"),
    (_AUTOMATION + "GetValueInvocationException", _AUTOMATION + "ExtendedTypeSystemException"),
    (_AUTOMATION + "PropertyNotFoundException", _AUTOMATION + "ExtendedTypeSystemException"),
    (_AUTOMATION + "ParameterBindingException", _AUTOMATION + "RuntimeException"),
    (
        _AUTOMATION + "ParameterBindingValidationException",
        _AUTOMATION + "ParameterBindingException",
    ),
    (
        _AUTOMATION + "ParameterBindingArgumentTransformationException",
        _AUTOMATION + "ParameterBindingException",
    ),
    (_AUTOMATION + "ParseException", _AUTOMATION + "RuntimeException"),
    (_AUTOMATION + "PipelineStoppedException", _AUTOMATION + "RuntimeException"),
    (_AUTOMATION + "PSArgumentException", "System.ArgumentException"),
    (_AUTOMATION + "PSArgumentNullException", "System.ArgumentNullException"),
    (_AUTOMATION + "PSArgumentOutOfRangeException", "System.ArgumentOutOfRangeException"),
    (_AUTOMATION + "PSInvalidCastException", "System.InvalidCastException"),
    (_AUTOMATION + "PSInvalidOperationException", "System.InvalidOperationException"),
    (_AUTOMATION + "PSNotImplementedException", "System.NotImplementedException"),
    (_AUTOMATION + "PSNotSupportedException", "System.NotSupportedException"),
    (_AUTOMATION + "ScriptCallDepthException", ""),
    (_AUTOMATION + "SessionStateException", _AUTOMATION + "RuntimeException"),
    (_AUTOMATION + "ItemNotFoundException", _AUTOMATION + "SessionStateException"),
    (_AUTOMATION + "DriveNotFoundException", _AUTOMATION + "SessionStateException"),
    (_AUTOMATION + "ProviderNotFoundException", _AUTOMATION + "SessionStateException"),
    (
        _AUTOMATION + "SessionStateUnauthorizedAccessException",
        _AUTOMATION + "SessionStateException",
    ),
    ("Microsoft.PowerShell.Commands.WriteErrorException", "System.SystemException"),
    ("Microsoft.PowerShell.Commands.ServiceCommandException", "System.SystemException"),
    ("Microsoft.PowerShell.Commands.ProcessCommandException", "System.SystemException"),
    ("Microsoft.Management.Infrastructure.CimException", "System.Exception"),
):
    exception_type(_name, _base or "System.SystemException")
