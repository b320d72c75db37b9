"""``ssh-keygen``: real keys, out of the lab's random streams; with the options scripts use."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from asyncssh import KeyEncryptionError, KeyImportError, import_private_key, import_public_key

from hvsim_fakes.shell.tools import tool
from hvsim_fakes.shell.tools.options import UsageError, getopt, whole_number
from hvsim_fakes.ssh.keymaking import make_dsa, make_ecdsa, make_ed25519, make_rsa

if TYPE_CHECKING:
    from asyncssh import SSHKey

    from hvsim_fakes.shell.program import Process

_FORMATS = {"rsa": "pkcs1-pem", "dsa": "pkcs1-pem", "ecdsa": "pkcs1-pem", "ed25519": "openssh"}
_LEAST_BITS, _MOST_BITS = 768, 4_096


@tool("ssh-keygen")
def ssh_keygen(process: Process) -> int:
    """Make a key (``-t``, ``-b``, ``-f``, ``-N``, ``-C``), or tell of one (``-l``, ``-y``)."""
    found, rest = getopt(process.argv[1:], "qlyt:b:f:N:P:C:")
    if rest:
        raise UsageError("Too many arguments.", 1)
    options = dict(found)
    kind = options.get("t", "rsa")
    path = options.get("f") or _asked(process, kind, make=not options.keys() & {"l", "y"})
    if path is None:
        return 1
    if "l" in options or "y" in options:
        return _tell(process, path, options)
    if kind not in _FORMATS:
        return process.fail(f"unknown key type {kind}")
    return _make(process, kind, path, options)


def _asked(process: Process, kind: str, *, make: bool) -> str | None:
    """Ask for the file; None at the end of input."""
    usual = f"{process.account.home.rstrip('/')}/.ssh/id_{kind}"
    if make and "-q" not in process.argv:
        process.out(f"Generating public/private {kind} key pair.\n")
    verb = "to save the key" if make else "the key is"
    answer = process.prompt(f"Enter file in which {verb} ({usual}): ")
    return None if answer is None else answer or usual


def _make(process: Process, kind: str, path: str, options: dict[str, str]) -> int:
    quiet = "q" in options
    if not quiet and "f" in options:
        process.out(f"Generating public/private {kind} key pair.\n")
    if process.files.exists(path):
        process.out(f"{path} already exists.\n")
        if (process.prompt("Overwrite (y/n)? ") or "").lower() not in ("y", "yes"):
            return 1
    phrase = options["N"] if "N" in options else _phrase(process)
    if phrase is None:
        return 1
    if 0 < len(phrase) < 5:
        return process.fail(f"passphrase too short: have {len(phrase)} bytes, need > 4")
    key = _key(process, kind, path, options.get("b", "2048"))
    comment = options.get("C", f"{process.account.name}@{process.host.name}")
    key.set_comment(comment)
    private = key.export_private_key(_FORMATS[kind], phrase or None)
    process.files.write(path, b"", mode=0o600)
    process.files.write(path, private)
    process.files.write(f"{path}.pub", key.export_public_key("openssh"), mode=0o644)
    if not quiet:
        process.out(
            f"Your identification has been saved in {path}.\n"
            f"Your public key has been saved in {path}.pub.\n"
            f"The key fingerprint is:\n{_fingerprint(key)} {comment}\n"
        )
    return 0


def _phrase(process: Process) -> str | None:
    """Ask for a passphrase twice; None when there is none."""
    first = process.prompt("Enter passphrase (empty for no passphrase): ", echo=False)
    again = process.prompt("Enter same passphrase again: ", echo=False)
    if first is None or first != again:
        process.fail("Passphrases do not match.  Try again.")
        return None
    return first


def _key(process: Process, kind: str, path: str, bits: str) -> SSHKey:
    """Make a key that no other file of the host has, nor the same file at another time."""
    size = whole_number(bits)
    if kind == "rsa" and not _LEAST_BITS <= size <= _MOST_BITS:
        raise UsageError(f"Bits has bad value {bits}", 1)
    process.flush()
    world = process.world
    with world.access():
        place = process.files.absolute(path)
        stream = world.streams.fresh(f"{process.host.system.name}/ssh-keygen{place}@{world.now}")
    # Found outside the world's lock: this takes the machine a while.
    if kind == "rsa":
        return make_rsa(stream, size)
    makers = {"dsa": make_dsa, "ecdsa": make_ecdsa, "ed25519": make_ed25519}
    return makers[kind](stream)


def _tell(process: Process, path: str, options: dict[str, str]) -> int:
    """Print a key's fingerprint, or the public part of a private key."""
    if not process.files.exists(path):
        return process.fail(f"{path}: No such file or directory")
    data = process.files.read(path)
    try:
        if "y" in options:
            key = import_private_key(data, options.get("P") or None)
            process.out(key.export_public_key("openssh"))
            return 0
        key = _public(process, path, data)
    except (KeyImportError, KeyEncryptionError):
        return process.fail(f"{path} is not a public key file.")
    process.out(f"{_fingerprint(key)} {key.get_comment() or path}\n")
    return 0


def _public(process: Process, path: str, data: bytes) -> SSHKey:
    if b"PRIVATE KEY" in data and process.files.exists(f"{path}.pub"):
        data = process.files.read(f"{path}.pub")
    return import_public_key(data)


def _fingerprint(key: SSHKey) -> str:
    """Return the fingerprint as releases of the products' age print it."""
    blob = base64.b64decode(key.export_public_key("openssh").split()[1])
    return hashlib.md5(blob, usedforsecurity=False).digest().hex(":")
