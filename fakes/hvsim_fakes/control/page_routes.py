"""The interface's description: OpenAPI for programs, a small page for people."""

from __future__ import annotations

import functools
from html import escape

import orjson
from flask import Response

from hvsim_fakes.control.api import Ask, Route, route, routes
from hvsim_fakes.control.openapi import document

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>hvsim control plane</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: auto; padding: 1rem }}
table {{ border-collapse: collapse }} td {{ padding: .2rem 1rem .2rem 0; vertical-align: top }}
code {{ font: 14px ui-monospace, monospace }}
</style></head><body>
<h1>hvsim control plane</h1>
<p>Time, faults, hardware, truth and history of this lab. Every request carries
<code>Authorization: Bearer &lt;token&gt;</code>; the token was printed when the lab started.
The exact description is <a href="/v1/openapi.json">/v1/openapi.json</a>.</p>
<table>{rows}</table>
</body></html>
"""
_ROW = "<tr><td><code>{method}</code></td><td><code>{path}</code></td><td>{summary}</td></tr>"


@route("GET", "/v1/openapi.json", open=True)
def get_openapi(ask: Ask) -> Response:  # noqa: ARG001 - every handler takes the request
    """Read this description (OpenAPI 3.1)."""
    return Response(_document(), content_type="application/json")


@route("GET", "/", media="text/html", open=True)
def get_page(ask: Ask) -> Response:  # noqa: ARG001 - every handler takes the request
    """Read a page for people about this interface."""
    return Response(_page(), content_type="text/html; charset=utf-8")


@functools.cache
def _document() -> bytes:
    return orjson.dumps(document(routes()))


@functools.cache
def _page() -> str:
    return _PAGE.format(rows="".join(_row(one) for one in routes()))


def _row(one: Route) -> str:
    return _ROW.format(method=one.method, path=escape(one.path), summary=escape(one.summary))
