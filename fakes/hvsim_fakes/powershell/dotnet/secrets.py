"""SecureString, PSCredential and what turns them back into text."""

from __future__ import annotations

from typing import Any

from hvsim_fakes.powershell.objects.fault import NetError, argument, null_argument
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property, method
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import Credential, SecureString


class SecureBuffer:
    """A SecureString that is still being put together."""

    ps_type = SecureString.ps_type

    def __init__(self, text: str = "") -> None:
        self.text = text

    def append(self, char: str) -> None:
        """Add a character."""
        self.text += char


class Pointer:
    """A BSTR in unmanaged memory, which scripts only hand on."""

    ps_type = NetType("System.IntPtr", OBJECT)

    def __init__(self, text: str) -> None:
        self.text = text


class NetworkCredential:
    """System.Net.NetworkCredential."""

    ps_type = NetType("System.Net.NetworkCredential", OBJECT)

    def __init__(self, user: str, password: str, domain: str) -> None:
        self.user, self.password, self.domain = user, password, domain


def _credential(_: Any, given: list[Any]) -> Credential:
    if len(given) != 2:
        raise TypeError(given)
    user, password = given
    if not to_text(user):
        raise argument(
            'Cannot process argument because the value of argument "userName" is not '
            'valid. Change the value of the "userName" argument and run the operation '
            "again."
        )
    if password is None:
        raise null_argument("password")
    if not isinstance(password, SecureString | SecureBuffer):
        raise TypeError(given)
    return Credential(to_text(user), SecureString(password.text))


def _network(one: Credential) -> NetworkCredential:
    domain, _, user = one.user.rpartition("\\")
    return NetworkCredential(user, one.password.text, domain)


def _make_network(_: Any, given: list[Any]) -> NetworkCredential:
    texts = [
        one.text if isinstance(one, SecureString | SecureBuffer) else to_text(one) for one in given
    ] + ["", "", ""]
    return NetworkCredential(texts[0], texts[1], texts[2])


def _refuse_cast(value: Any) -> Any:
    if isinstance(value, SecureBuffer):
        return value
    raise ValueError(value)


def _credential_cast(value: Any) -> Any:
    raise ValueError(value)


register(SecureString.ps_type, "securestring", of=SecureString).extend(
    properties=[Property("Length", lambda one: len(one.text))],
    methods=[
        method("AppendChar", lambda one, char: one.append(char), "c:char"),
        method("MakeReadOnly", lambda _: None),
        method("Copy", lambda one: SecureBuffer(one.text)),
        method("Dispose", lambda _: None),
    ],
    construct=lambda _engine, _given: SecureBuffer(),
    convert=_refuse_cast,
)
register(Credential.ps_type, "pscredential", of=Credential).extend(
    properties=[
        Property("UserName", lambda one: one.user),
        Property("Password", lambda one: one.password),
    ],
    methods=[method("GetNetworkCredential", _network)],
    construct=_credential,
    convert=_credential_cast,
)
register(NetworkCredential.ps_type, "net.networkcredential").extend(
    properties=[
        Property("UserName", lambda one: one.user),
        Property("Password", lambda one: one.password),
        Property("Domain", lambda one: one.domain),
        Property("SecurePassword", lambda one: SecureString(one.password)),
    ],
    construct=_make_network,
)


def _pointer(one: Any) -> Pointer:
    if one is None:
        raise null_argument("s")
    if not isinstance(one, SecureString | SecureBuffer):
        raise NetError("System.InvalidCastException", "Specified cast is not valid.")
    return Pointer(one.text)


def _pointed(one: Any) -> str:
    return one.text if isinstance(one, Pointer) else ""


register(Pointer.ps_type)
register(NetType("System.Runtime.InteropServices.Marshal", OBJECT)).extend(
    static_methods=[
        method("SecureStringToBSTR", _pointer, "s:object"),
        method("SecureStringToGlobalAllocUnicode", _pointer, "s:object"),
        method("PtrToStringAuto", _pointed, "ptr:object"),
        method("PtrToStringUni", _pointed, "ptr:object"),
        method("PtrToStringBSTR", _pointed, "ptr:object"),
        method("ZeroFreeBSTR", lambda _: None, "s:object"),
        method("FreeBSTR", lambda _: None, "s:object"),
        method("ZeroFreeGlobalAllocUnicode", lambda _: None, "s:object"),
    ]
)
