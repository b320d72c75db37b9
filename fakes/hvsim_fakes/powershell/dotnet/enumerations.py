"""Enumerations of .NET and PowerShell that scripts name."""

from __future__ import annotations

from typing import Final

from hvsim_fakes.powershell.objects.enums import ENUM, EnumType, EnumValue
from hvsim_fakes.powershell.objects.fault import NetError, argument
from hvsim_fakes.powershell.objects.nettype import NetType, method
from hvsim_fakes.powershell.objects.registry import register


def _enum(name: str, members: str, *, flags: bool = False, first: int = 0) -> EnumType:
    """Make and register an enumeration of names in order, or of ``name=number`` pairs."""
    numbers: dict[str, int] = {}
    number = first
    for word in members.split():
        one, _, value = word.partition("=")
        number = int(value) if value else number
        numbers[one] = number
        number += 1
    found = EnumType(name, numbers, flags=flags)
    register(found)
    return found


_A: Final = "System.Management.Automation."
DAY_OF_WEEK: Final = _enum(
    "System.DayOfWeek", "Sunday Monday Tuesday Wednesday Thursday Friday Saturday"
)
DATE_TIME_KIND: Final = _enum("System.DateTimeKind", "Unspecified Utc Local")
ACTION_PREFERENCE: Final = _enum(
    _A + "ActionPreference", "SilentlyContinue Stop Continue Inquire Ignore Suspend"
)
CONFIRM_IMPACT: Final = _enum(_A + "ConfirmImpact", "None Low Medium High")
ERROR_CATEGORY: Final = _enum(
    _A + "ErrorCategory",
    "NotSpecified OpenError CloseError DeviceError DeadlockDetected InvalidArgument InvalidData "
    "InvalidOperation InvalidResult InvalidType MetadataError NotImplemented NotInstalled "
    "ObjectNotFound OperationStopped OperationTimeout SyntaxError ParserError PermissionDenied "
    "ResourceBusy ResourceExists ResourceUnavailable ReadError WriteError FromStdErr SecurityError "
    "ProtocolError ConnectionError AuthenticationError LimitsExceeded QuotaExceeded NotEnabled",
)
MEMBER_TYPES: Final = _enum(
    _A + "PSMemberTypes",
    "AliasProperty=1 CodeProperty=2 Property=4 NoteProperty=8 ScriptProperty=16 Properties=31 "
    "PropertySet=32 Method=64 CodeMethod=128 ScriptMethod=256 Methods=448 "
    "ParameterizedProperty=512 MemberSet=1024 Event=2048 Dynamic=4096 All=8191",
    flags=True,
)
COMMAND_TYPES: Final = _enum(
    _A + "CommandTypes",
    "Alias=1 Function=2 Filter=4 Cmdlet=8 ExternalScript=16 Application=32 Script=64 Workflow=128 "
    "Configuration=256 All=511",
    flags=True,
)
CONSOLE_COLOR: Final = _enum(
    "System.ConsoleColor",
    "Black DarkBlue DarkGreen DarkCyan DarkRed DarkMagenta DarkYellow Gray DarkGray Blue Green "
    "Cyan Red Magenta Yellow White",
)
SPLIT_OPTIONS: Final = _enum("System.StringSplitOptions", "None RemoveEmptyEntries", flags=True)
COMPARISON: Final = _enum(
    "System.StringComparison",
    "CurrentCulture CurrentCultureIgnoreCase InvariantCulture InvariantCultureIgnoreCase Ordinal "
    "OrdinalIgnoreCase",
)
ROUNDING: Final = _enum("System.MidpointRounding", "ToEven AwayFromZero")
REGEX_OPTIONS: Final = _enum(
    "System.Text.RegularExpressions.RegexOptions",
    "None IgnoreCase Multiline ExplicitCapture=4 Compiled=8 Singleline=16 "
    "IgnorePatternWhitespace=32 RightToLeft=64 ECMAScript=256 CultureInvariant=512",
    flags=True,
)
COMPRESSION_MODE: Final = _enum("System.IO.Compression.CompressionMode", "Decompress Compress")
COMPRESSION_LEVEL: Final = _enum(
    "System.IO.Compression.CompressionLevel", "Optimal Fastest NoCompression"
)
SEEK_ORIGIN: Final = _enum("System.IO.SeekOrigin", "Begin Current End")
FORMATTING: Final = _enum("System.Base64FormattingOptions", "None InsertLineBreaks", flags=True)
NUMBER_STYLES: Final = _enum(
    "System.Globalization.NumberStyles",
    "None=0 AllowLeadingWhite=1 AllowTrailingWhite=2 AllowLeadingSign=4 Integer=7 "
    "AllowTrailingSign=8 AllowParentheses=16 AllowDecimalPoint=32 AllowThousands=64 Number=111 "
    "AllowExponent=128 Float=167 AllowCurrencySymbol=256 Currency=383 Any=511 "
    "AllowHexSpecifier=512 HexNumber=515",
    flags=True,
)
SPECIAL_FOLDER: Final = _enum(
    "System.Environment+SpecialFolder",
    "Desktop=0 Programs=2 MyDocuments=5 ApplicationData=26 LocalApplicationData=28 "
    "CommonApplicationData=35 Windows=36 System=37 ProgramFiles=38 UserProfile=40",
)
LANGUAGE_MODE: Final = _enum(
    _A + "PSLanguageMode", "FullLanguage RestrictedLanguage NoLanguage ConstrainedLanguage"
)
SERVICE_STATUS: Final = _enum(
    "System.ServiceProcess.ServiceControllerStatus",
    "Stopped=1 StartPending=2 StopPending=3 Running=4 ContinuePending=5 PausePending=6 Paused=7",
)
_enum(
    "Microsoft.PowerShell.ExecutionPolicy",
    "Unrestricted RemoteSigned AllSigned Restricted=3 Default=3 Bypass=4 Undefined=5",
)
_enum(
    "System.Net.SecurityProtocolType",
    "SystemDefault=0 Ssl3=48 Tls=192 Tls11=768 Tls12=3072 Tls13=12288",
    flags=True,
)


def _kind(kind: NetType) -> EnumType:
    if not isinstance(kind, EnumType):
        raise argument("Type provided must be an Enum.\r\nParameter name: enumType")
    return kind


def _parse(kind: NetType, text: str, case: bool = False) -> EnumValue:
    del case
    try:
        return _kind(kind).cast(text)
    except ValueError:
        raise NetError(
            "System.ArgumentException", f"Requested value '{text}' was not found."
        ) from None


def _is_defined(kind: NetType, value: object) -> bool:
    members = _kind(kind).members
    if isinstance(value, str):
        return value in members
    number = value.number if isinstance(value, EnumValue) else value
    return number in members.values()


ENUM.extend(
    static_methods=[
        method("GetNames", lambda kind: list(_kind(kind).members), "enumType:type"),
        method(
            "GetValues",
            lambda kind: [_kind(kind).of(number) for number in _kind(kind).members.values()],
            "enumType:type",
        ),
        method("Parse", _parse, "enumType:type", "value:string", "?ignoreCase:bool"),
        method("IsDefined", _is_defined, "enumType:type", "value:object"),
        method(
            "ToObject", lambda kind, value: _kind(kind).cast(value), "enumType:type", "value:object"
        ),
    ]
)
register(ENUM, "enum")
