"""Making SSH keys out of a random stream, so that the same lab makes the same ones."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import asyncssh
from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

if TYPE_CHECKING:
    from random import Random

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_EXPONENT = 65_537
_ROUNDS = 6
_SMALL = 2_000
_ORDER_BITS, _GROUP_BITS = 160, 1_024
"""Of the only kind of DSA key that SSH knows."""


def make_ed25519(stream: Random) -> asyncssh.SSHKey:
    """Return a private Ed25519 key."""
    return _imported(Ed25519PrivateKey.from_private_bytes(stream.randbytes(32)))


def make_ecdsa(stream: Random) -> asyncssh.SSHKey:
    """Return a private ECDSA key on the curve P-256."""
    return _imported(derive_private_key(1 + stream.getrandbits(255), SECP256R1()))


def make_rsa(stream: Random, bits: int = 2_048) -> asyncssh.SSHKey:
    """Return a private RSA key; finding one takes a while."""
    one, other = _rsa_prime(stream, bits // 2), _rsa_prime(stream, bits // 2)
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


def make_dsa(stream: Random) -> asyncssh.SSHKey:
    """Return a private DSA key of 1024 bits; finding one takes a while."""
    order = _prime(stream, _ORDER_BITS)
    while True:
        factor = stream.getrandbits(_GROUP_BITS - _ORDER_BITS) | 1 << (_GROUP_BITS - _ORDER_BITS)
        prime = order * (factor & ~1) + 1
        if prime.bit_length() == _GROUP_BITS and _is_prime(prime, stream):
            break
    generator = pow(2, (prime - 1) // order, prime)
    private = 1 + stream.randrange(order - 1)
    parameters = dsa.DSAParameterNumbers(prime, order, generator)
    public = dsa.DSAPublicNumbers(pow(generator, private, prime), parameters)
    return _imported(dsa.DSAPrivateNumbers(private, public).private_key())


def _imported(
    key: Ed25519PrivateKey | EllipticCurvePrivateKey | rsa.RSAPrivateKey | dsa.DSAPrivateKey,
) -> asyncssh.SSHKey:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return asyncssh.import_private_key(pem)


@lru_cache(maxsize=1)
def _small_primes() -> tuple[int, ...]:
    found: list[int] = []
    for number in range(3, _SMALL, 2):
        if all(number % other for other in found):
            found.append(number)
    return tuple(found)


def _rsa_prime(stream: Random, bits: int) -> int:
    """Return a prime that suits the exponent."""
    while (found := _prime(stream, bits)) % _EXPONENT == 1:
        pass
    return found


def _prime(stream: Random, bits: int) -> int:
    """Return a prime with its two highest bits set."""
    while True:
        found = stream.getrandbits(bits) | 3 << (bits - 2) | 1
        if _is_prime(found, stream):
            return found


def _is_prime(number: int, stream: Random) -> bool:
    """Judge by small primes, then by the test of Miller and Rabin."""
    if not all(number % one for one in _small_primes()):
        return False
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
