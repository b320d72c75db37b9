"""Host keys: the same for the same lab, so that clients that remember them stay content."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import asyncssh
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hvsim.streams import Streams

if TYPE_CHECKING:
    from random import Random

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from hvsim.world import World

_EXPONENT = 65_537
_BITS = 1_024
"""Of each prime: the key has twice as many."""
_ROUNDS = 6
_SMALL = 2_000


def host_keys(world: World, system: str) -> list[asyncssh.SSHKey]:
    """Return the private keys of a system: Ed25519, ECDSA and RSA, made from the world's seed.

    The RSA key, for clients that know no other kind, is the same for all systems of a lab: it
    takes a while to find.
    """
    stream = world.streams.fresh(f"{system}/ssh-host-keys")
    edwards = Ed25519PrivateKey.from_private_bytes(stream.randbytes(32))
    elliptic = derive_private_key(1 + stream.getrandbits(255), SECP256R1())
    return [_imported(edwards), _imported(elliptic), _rsa_key(world.seed)]


def _imported(
    key: Ed25519PrivateKey | EllipticCurvePrivateKey | rsa.RSAPrivateKey,
) -> asyncssh.SSHKey:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return asyncssh.import_private_key(pem)


@lru_cache(maxsize=64)
def _rsa_key(seed: int) -> asyncssh.SSHKey:
    stream = Streams(seed).fresh("ssh-rsa-host-key")
    one, other = _prime(stream), _prime(stream)
    private = pow(_EXPONENT, -1, (one - 1) * (other - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=one,
        q=other,
        d=private,
        dmp1=rsa.rsa_crt_dmp1(private, one),
        dmq1=rsa.rsa_crt_dmq1(private, other),
        iqmp=rsa.rsa_crt_iqmp(one, other),
        public_numbers=rsa.RSAPublicNumbers(_EXPONENT, one * other),
    )
    return _imported(numbers.private_key())


@lru_cache(maxsize=1)
def _small_primes() -> tuple[int, ...]:
    found: list[int] = []
    for number in range(3, _SMALL, 2):
        if all(number % other for other in found):
            found.append(number)
    return tuple(found)


def _prime(stream: Random) -> int:
    """Return a prime with its two highest bits set, one that suits the exponent."""
    small = _small_primes()
    while True:
        found = stream.getrandbits(_BITS) | 3 << (_BITS - 2) | 1
        suits = found % _EXPONENT != 1 and all(found % one for one in small)
        if suits and _is_prime(found, stream):
            return found


def _is_prime(number: int, stream: Random) -> bool:
    """Judge by the test of Miller and Rabin."""
    halvings = ((number - 1) & -(number - 1)).bit_length() - 1
    odd = (number - 1) >> halvings
    for _ in range(_ROUNDS):
        power = pow(stream.randrange(2, number - 1), odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(halvings - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True
