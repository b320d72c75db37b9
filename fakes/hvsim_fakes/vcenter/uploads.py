"""Files that clients send to the addresses of a lease: ``/nfc/<key>/<file>``."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from hvsim.vcenter.ovf_lease import Upload
from hvsim_fakes.server import Response

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim_fakes.server import Request

_METHODS: Final = ("PUT", "POST")


def answer(vcenter: VCenter, request: Request) -> Response:
    """Take a file: 200 when a lease waits for it, 404 otherwise. Its content is not kept."""
    if request.method not in _METHODS:
        return Response(405, [("Allow", ", ".join(_METHODS))])
    key, _, file = request.path.removeprefix("/nfc/").partition("/")
    sent = Upload(
        vcenter=vcenter.name,
        key=key,
        file=file,
        size=len(request.body),
        digest=sha256(request.body).hexdigest(),
    )
    return Response(200 if vcenter.world.execute(sent) else 404)
