"""Certificates of hosts: what a host shows of its own, and how it gets another.

The first ones are made outside the simulator, by what serves a vCenter: they differ from process
to process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.hosts import part
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, data, now, signed

if TYPE_CHECKING:
    from datetime import datetime

    from hvsim.vcenter.values import Ref


def information(pem: bytes, today: datetime) -> Data:
    """Return what a host's manager tells of a certificate; ``ValueError`` when it is none."""
    # What reads certificates is large, and many a lab has no use for it.
    from cryptography import x509  # noqa: PLC0415 - see above

    found = x509.load_pem_x509_certificate(pem)
    return data(
        "HostCertificateManagerCertificateInfo",
        issuer=found.issuer.rfc4514_string(),
        notBefore=found.not_valid_before_utc,
        notAfter=found.not_valid_after_utc,
        subject=found.subject.rfc4514_string(),
        status="expired" if found.not_valid_after_utc < today else "good",
    )


@method("HostCertificateManager.InstallServerCertificate")
def install(call: Call, this: Ref, cert: str) -> None:
    """Let a host have another certificate; ``HostConfigFault`` for what is none in PEM."""
    host = part.host_of(call, this)
    try:
        told = information(cert.encode(), now(call.world))
    except ValueError:
        text = "The certificate cannot be read."
        raise VimFault("HostConfigFault", msg=text) from None
    call.store.change(this, "certificateInfo", told)
    call.store.change(host, "config.certificate", signed(cert.encode()))


@method("HostCertificateManager.NotifyAffectedServices")
def notify(call: Call, this: Ref) -> None:
    """Let the services of a host take its certificate up: they show it already."""
    part.host_of(call, this)
