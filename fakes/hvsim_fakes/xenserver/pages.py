"""What the management service answers to plain HTTP, beside the API."""

from __future__ import annotations

from html import escape
from typing import Final

from hvsim_fakes.server import Response

_NO_CACHE: Final = ("Cache-Control", "no-cache, no-store")
HTML: Final = ("Content-Type", "text/html")
CORS: Final = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Headers", "X-Requested-With"),
)

UNSERVED: Final = frozenset(
    {
        "/blob", "/cli", "/config_sync_url", "/console", "/export", "/export_metadata",
        "/export_raw_vdi", "/host_backup", "/host_logs_download", "/host_restore", "/import",
        "/import_metadata", "/import_raw_vdi", "/audit_log", "/message_blob", "/oem_patch_stream",
        "/pool/xmldbdump", "/pool_patch_download", "/pool_patch_upload", "/remotecmd", "/services",
        "/sr_rrd", "/sync_config_files", "/system-status", "/vncsnapshot", "/wlb_diagnostics",
        "/wlb_report",
    }
)  # fmt: skip
"""Paths that the product serves and this endpoint does not."""


def answer(content_type: str, body: bytes, *, cors: bool = False) -> Response:
    """Return a successful answer."""
    headers = [("Content-Type", content_type), _NO_CACHE, *(CORS if cors else ())]
    return Response(200, headers, body)


def options(asked: str | None) -> Response:
    """Answer a browser that asks what it may send; ``asked`` is the headers it wants to."""
    allowed = f"{asked}, X-Requested-With" if asked else "X-Requested-With"
    headers = [
        _NO_CACHE,
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Headers", allowed),
        ("Access-Control-Allow-Methods", "PUT"),
    ]
    return Response(200, headers, b"")


def front(brand: str, host: str) -> Response:
    """Return the static page at ``/``."""
    title = escape(f"{brand} on {host}")
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Response(200, [HTML], body.encode())


def error(status: int, reason: str, heading: str, text: str) -> Response:
    """Return one of the service's error pages; it closes the connection after each."""
    body = f"<html><body><h1>HTTP {status} {heading}</h1>{text}</body></html>"
    headers = [HTML, ("Connection", "close"), _NO_CACHE]
    return Response(status, headers, body.encode(), reason)


def internal_error(detail: str) -> Response:
    """Return the page for a request that could not be read, with the parser's complaint."""
    text = (
        "The request could not be served; try again later."
        f"<h1> Additional information </h1>{escape(detail)}"
    )
    return error(500, "Internal Error", "internal server error", text)


def not_implemented(method: str) -> Response:
    """Return the page for a method or path that is not served."""
    text = f"<p>{escape(method)} not supported.<br /></p>"
    return error(501, "Method not implemented", "Method Not Implemented", text)


def bad_request(detail: str) -> Response:
    """Return the page for a request that lacks something."""
    return error(400, "Bad Request", "bad request", escape(detail))


def moved(url: str) -> Response:
    """Send the client to another host, which has what it asks for."""
    return Response(302, [_NO_CACHE, ("Connection", "close"), ("Location", url)], b"", "Found")


def unauthorised(realm: str) -> Response:
    """Return the page for a request without good credentials."""
    response = error(401, "Unauthorised", "unauthorised", "These credentials are not accepted.")
    challenge = ("WWW-Authenticate", f'Basic realm="{realm}"')
    return Response(401, [*response.header_items(), challenge], response.body, response.reason)


def forbidden() -> Response:
    """Return the page for a resource nobody may have."""
    return error(403, "Forbidden", "forbidden", "This resource is not for you.")


def missing(path: str) -> Response:
    """Return the page for a file that does not exist."""
    return error(404, "Not Found", "not found", f"There is no {escape(path)} on this server.")


def unanswered() -> Response:
    """Return what stands for no answer: the client has left, and the connection ends."""
    return Response(503, [("Connection", "close")], b"")
