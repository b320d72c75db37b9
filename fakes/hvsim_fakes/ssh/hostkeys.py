"""Host keys: the same for the same lab, so that clients that remember them stay content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncssh
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

if TYPE_CHECKING:
    from hvsim.world import World


def host_keys(world: World, system: str) -> list[asyncssh.SSHKey]:
    """Return the private keys of a system: Ed25519 and ECDSA, made from the world's seed."""
    stream = world.streams.fresh(f"{system}/ssh-host-keys")
    edwards = Ed25519PrivateKey.from_private_bytes(stream.randbytes(32))
    elliptic = derive_private_key(1 + stream.getrandbits(255), SECP256R1())
    return [_imported(edwards), _imported(elliptic)]


def _imported(key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> asyncssh.SSHKey:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return asyncssh.import_private_key(pem)
