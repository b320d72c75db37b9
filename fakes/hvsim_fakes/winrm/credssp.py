"""CredSSP, the server's side ([MS-CSSP]): TLS, NTLM within, the client's password at last."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from spnego._credssp import CredSSPProxy
from spnego.tls import CredSSPTLSContext, default_tls_context, generate_tls_certificate

from hvsim_fakes.winrm.ntlm import NtlmAcceptor, negotiate_acceptor


def credssp_acceptor(ntlm: NtlmAcceptor) -> CredSSPProxy:
    """Return an acceptor of one client's CredSSP tokens; ``ntlm`` tells who it is."""
    return CredSSPProxy(
        usage="accept",
        credssp_negotiate_context=negotiate_acceptor(ntlm),
        credssp_tls_context=_tls(),
    )


@functools.lru_cache(maxsize=1)
def _tls() -> CredSSPTLSContext:
    """Return what the process's hosts show as their certificate; a key takes its time to make."""
    made = default_tls_context("accept")
    certificate, key, made.public_key = generate_tls_certificate()
    # The directory is the user's own, as tempfile makes it, and gone at once.
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "credssp.pem"
        path.write_bytes(certificate + key)
        made.context.load_cert_chain(path)
    return made
