"""Exceptions that .NET itself throws, raised by members and conversions."""

from __future__ import annotations


class NetError(Exception):
    """An exception of .NET; whoever called the member or conversion wraps it as PowerShell does.

    Attributes:
        kind: full name of its class.
        message: its text.
        fatal: whether it ends the script, whatever that has to catch it.
    """

    def __init__(self, kind: str, message: str, *, fatal: bool = False) -> None:
        self.kind = kind
        self.message = message
        self.fatal = fatal
        super().__init__(message)


def bad_format(message: str = "Input string was not in a correct format.") -> NetError:
    """Return the exception for a text that is not in the right form."""
    return NetError("System.FormatException", message)


def overflow(kind: str) -> NetError:
    """Return the exception for a number that a type cannot hold."""
    article = "an" if kind[0] in "IU" and kind != "UInt" else "a"
    size = "unsigned byte" if kind == "Byte" else kind
    return NetError(
        "System.OverflowException", f"Value was either too large or too small for {article} {size}."
    )


def argument(message: str) -> NetError:
    """Return the exception for an argument that cannot be used."""
    return NetError("System.ArgumentException", message)


def out_of_range(message: str, name: str = "") -> NetError:
    """Return the exception for an argument beyond its bounds."""
    text = f"{message}\r\nParameter name: {name}" if name else message
    return NetError("System.ArgumentOutOfRangeException", text)


def null_argument(name: str) -> NetError:
    """Return the exception for a null that may not be."""
    return NetError(
        "System.ArgumentNullException", f"Value cannot be null.\r\nParameter name: {name}"
    )
