"""Host keys: the same for the same lab, so that clients that remember them stay content."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from hvsim.streams import Streams
from hvsim_fakes.ssh.keymaking import make_ecdsa, make_ed25519, make_rsa

if TYPE_CHECKING:
    import asyncssh

    from hvsim.world import World


def host_keys(world: World, system: str) -> list[asyncssh.SSHKey]:
    """Return the private keys of a system: Ed25519, ECDSA and RSA, made from the world's seed.

    The RSA key, for clients that know no other kind, is the same for all systems of a lab: it
    takes a while to find.
    """
    stream = world.streams.fresh(f"{system}/ssh-host-keys")
    return [make_ed25519(stream), make_ecdsa(stream), _rsa_key(world.seed)]


@lru_cache(maxsize=64)
def _rsa_key(seed: int) -> asyncssh.SSHKey:
    return make_rsa(Streams(seed).fresh("ssh-rsa-host-key"))
