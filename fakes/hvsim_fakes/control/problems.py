"""Errors of the control plane: problem objects (RFC 9457), one clear sentence each."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson

from hvsim.errors import CommandError, HvsimError, InputError, Refusal
from hvsim.saved import Mismatch

if TYPE_CHECKING:
    from flask import Response

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it so
    """A request that is answered with an error.

    Args:
        status: HTTP status code.
        detail: one sentence about this occurrence.
        facts: further members of the problem object, JSON-ready.
    """

    def __init__(self, status: int, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.facts = facts

    def response(self) -> Response:
        """Return the problem as an HTTP response."""
        # The ground truth is read without the framework too, and that is large.
        from flask import Response  # noqa: PLC0415 - see above

        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.facts,
        }
        response = Response(orjson.dumps(body), status=self.status, content_type=MEDIA_TYPE)
        if self.status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="hvsim"'
        return response


def of_refusal(error: HvsimError) -> Problem:
    """Return what the world refused with as a problem.

    A product's own refusal keeps its code and parameters in ``code`` and ``params``.
    """
    if isinstance(error, Mismatch):
        return Problem(409, str(error))
    if isinstance(error, Refusal):
        return Problem(409, str(error), **_own_words(error))
    if isinstance(error, CommandError | InputError):
        return Problem(422, str(error))
    return Problem(500, str(error))


def _own_words(error: Refusal) -> dict[str, Any]:
    code = getattr(error, "code", None)
    return {} if code is None else {"code": code, "params": list(getattr(error, "params", ()))}
