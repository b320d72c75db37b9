"""Blobs: pieces of binary data that clients hang on objects.

Source: xapi's ``xapi_blob``. What is in them goes over HTTP; only their rows are here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver.dates import stamp
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Call

_DEFAULT_TYPE = "application/octet-stream"


@message("blob.create")
def create(call: Call, mime_type: str, public: bool = False) -> str:
    """Make an empty blob; return its reference."""
    fields = {
        "mime_type": mime_type or _DEFAULT_TYPE,
        "public": public,
        "size": 0,
        "last_updated": stamp(call.world),
    }
    return call.db.add("blob", fields)


@message("blob.destroy")
def destroy(call: Call, blob: str) -> None:
    """Throw a blob away; of the objects that may have it, the product only looks at guests."""
    call.db.remove("blob", blob)
    for vm, row in call.db.tables["VM"].items():
        if blob in row["blobs"].values():
            kept = {name: ref for name, ref in row["blobs"].items() if ref != blob}
            call.db.change("VM", vm, blobs=kept)


@message(
    "VM.create_new_blob",
    "SR.create_new_blob",
    "network.create_new_blob",
    "host.create_new_blob",
    "pool.create_new_blob",
)
def create_new_blob(call: Call, ref: str, name: str, mime_type: str, public: bool = False) -> str:
    """Make an empty blob and hang it on an object under a name (``MAP_DUPLICATE_KEY``)."""
    cls = call.message.partition(".")[0]
    have = call.db.row(cls, ref)["blobs"]
    if name in have:
        raise XenError("MAP_DUPLICATE_KEY", cls, "blobs", ref, name)
    blob: str = create(call, mime_type, public)
    call.db.change(cls, ref, blobs={**have, name: blob})
    return blob
