"""NTLM version 2, the server's side ([MS-NLMP] 3.2.5), over accounts of a lab.

The messages and the cryptography are pyspnego's. Its own acceptor reads accounts from a file named
by an environment variable of the process and gives out this machine's name; a process with
several labs needs neither.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from spnego import NTLMHash
from spnego._context import GSSMech
from spnego._negotiate import NegotiateProxy
from spnego._ntlm import NTLMProxy
from spnego._ntlm_raw.crypto import compute_response_v2, hmac_md5, ntowfv2, rc4k
from spnego._ntlm_raw.messages import (
    Authenticate,
    AvFlags,
    AvId,
    Challenge,
    FileTime,
    Negotiate,
    NegotiateFlags,
    NTClientChallengeV2,
    TargetInfo,
    Version,
)
from spnego.exceptions import InvalidTokenError

from hvsim_fakes.winrm import accounts

if TYPE_CHECKING:
    from spnego.channel_bindings import GssChannelBindings

    from hvsim_fakes.winrm.accounts import Account, Directory

_ADDED: Final = (
    NegotiateFlags.request_target
    | NegotiateFlags.ntlm
    | NegotiateFlags.always_sign
    | NegotiateFlags.target_info
    | NegotiateFlags.target_type_domain
)
_SEALING: Final = NegotiateFlags.sign | NegotiateFlags.seal
_V2_PROOF: Final = 16
_NOBODY: Final = "0" * 32


class NtlmAcceptor(NTLMProxy):
    """Judges one client's NTLM messages.

    Args:
        computer, domain: NetBIOS names that the challenge tells.
    """

    def __init__(self, directory: Directory, computer: str, domain: str) -> None:
        # The acceptor's constructor insists on its file; the initiator's wants a credential.
        super().__init__(NTLMHash(username="nobody", nt_hash=_NOBODY), usage="initiate")
        self.usage = "accept"
        self._directory = directory
        self._computer = computer
        self._domain = domain
        self.account: Account | None = None
        """Who has logged in."""

    def _step_accept_negotiate(self, token: bytes) -> bytes:
        negotiate = Negotiate.unpack(token)
        flags = negotiate.flags | _ADDED
        if not flags & NegotiateFlags.unicode:
            raise InvalidTokenError(context_msg="Only Unicode is spoken")
        flags &= ~NegotiateFlags.oem
        if flags & NegotiateFlags.extended_session_security:
            flags &= ~NegotiateFlags.lm_key
        versioned = flags & NegotiateFlags.version
        challenge = Challenge(
            flags,
            secrets.token_bytes(8),
            target_name=self._domain,
            target_info=self._target(),
            version=Version(major=10, minor=0, build=17763) if versioned else None,
        )
        self._temp_negotiate, self._temp_challenge = negotiate, challenge
        return challenge.pack()

    def _target(self) -> TargetInfo:
        target = TargetInfo()
        target[AvId.nb_computer_name] = self._computer
        target[AvId.nb_domain_name] = self._domain
        target[AvId.dns_computer_name] = self._computer.lower()
        target[AvId.timestamp] = FileTime.now()
        return target

    def _step_accept_authenticate(
        self,
        token: bytes,
        channel_bindings: GssChannelBindings | None,  # noqa: ARG002 - hardening is "relaxed"
    ) -> None:
        negotiate, challenge = self._temp_negotiate, self._temp_challenge
        if negotiate is None or challenge is None:
            raise InvalidTokenError(context_msg="No challenge was given")
        auth = Authenticate.unpack(token)
        account, key = self._judged(auth, challenge)
        if auth.flags & NegotiateFlags.key_exch and auth.flags & _SEALING:
            key = rc4k(key, auth.encrypted_random_session_key or b"")
        _verify_mic(auth, key, negotiate.pack() + challenge.pack())
        self._session_key = key
        self._context_attr = auth.flags
        self.account = account
        self._complete = True

    def _judged(self, auth: Authenticate, challenge: Challenge) -> tuple[Account, bytes]:
        """Return who it is and the session's base key.

        Raises:
            InvalidTokenError: for a wrong name or password, and for what is not version 2.
        """
        response = auth.nt_challenge_response or b""
        user, domain = auth.user_name or "", auth.domain_name or ""
        if not user or len(response) <= 24:
            raise InvalidTokenError(context_msg="Neither anonymous users nor NTLM version 1")
        account = accounts.find(self._directory, user, domain)
        password = secrets.token_hex() if account is None else account.password
        given = NTClientChallengeV2.unpack(response[_V2_PROOF:])
        expected, _, key = compute_response_v2(
            ntowfv2(user, accounts.nt_hash(password), domain),
            challenge.server_challenge,
            given.challenge_from_client,
            given.time_stamp,
            given.av_pairs,
        )
        # The proof covers what the client sent, byte by byte, however it is packed anew.
        if account is None or expected[:_V2_PROOF] != response[:_V2_PROOF]:
            raise InvalidTokenError(context_msg="Wrong user or password")
        return account, key


def _verify_mic(auth: Authenticate, key: bytes, before: bytes) -> None:
    """Check the code over all three messages, if the client says that there is one."""
    response = NTClientChallengeV2.unpack((auth.nt_challenge_response or b"")[_V2_PROOF:])
    if not AvFlags(response.av_pairs.get(AvId.flags, 0)) & AvFlags.mic:
        return
    expected, auth.mic = auth.mic, bytes(16)
    if hmac_md5(key, before + auth.pack()) != expected:
        raise InvalidTokenError(context_msg="The messages were tampered with")


def negotiate_acceptor(ntlm: NtlmAcceptor) -> NegotiateProxy:
    """Return an acceptor of SPNEGO tokens with NTLM inside, and of bare NTLM tokens."""
    return NegotiateProxy(usage="accept", _negotiate_contexts={GSSMech.ntlm: ntlm})
