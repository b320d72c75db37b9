"""The plain HTTP requests for performance figures, on any member of a pool.

Source: xapi's ``rrdd_proxy`` and ``xapi_http``. Every member tells of itself and of the guests
that run on it, to whoever holds a session of the pool: clients ask each host in turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.mastery import membership
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.pool import Role
from hvsim_fakes.xenserver import pages, statistics
from hvsim_fakes.xenserver.credentials import is_authorised, query_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hvsim.xenserver.pool import Member, Pool
    from hvsim_fakes.server import Request, Response


class Performance:
    """Answers for one member."""

    def __init__(self, pool: Pool, member: Member) -> None:
        self._pool = pool
        self._member = member
        self._served: Mapping[str, Callable[[Request], Response]] = {
            "/rrd_updates": self._updates,
            "/vm_rrd": self._guest,
            "/host_rrd": self._host,
        }

    def serves(self, path: str) -> bool:
        """Whether a path is one of these."""
        return path in self._served

    def answer(self, request: Request) -> Response:
        """Answer a request for one of the paths, or refuse it.

        A member looks sessions up at its master, and waits as long as that is away.
        """
        pool, member, gone = self._pool, self._member, request.connection.closed
        pool.world.park((pool.path,), lambda: not membership.hangs(pool, member), None, gone)
        if membership.hangs(pool, member):
            return pages.unanswered()
        with pool.world.access():
            if not is_authorised(pool, member, request):
                return pages.unauthorised(request.path[1:])
            return self._served[request.path](request)

    def _updates(self, request: Request) -> Response:
        query = query_of(request)
        kinds = self._kinds(query.get("cf"))
        if "start" not in query:
            return pages.bad_request("missing the 'start' parameter")
        try:
            start = int(query["start"])
        except ValueError:
            return pages.internal_error('Failure("Int64.of_string")')
        if not kinds:
            return pages.internal_error("Rrd.No_RRA_Available")
        only = parse_qs(request.query).get("vm_uuid", [])
        figures = statistics.resident_figures(self._pool, self._member.host, only)
        if query.get("host") == "true":
            figures = statistics.host_figures(self._pool, self._member.host) + figures
        if not figures:
            return pages.internal_error("Rrd.No_RRA_Available")
        interval = _integer(query.get("interval"))
        part = statistics.window(start, interval, statistics.epoch(self._pool))
        if _wants_json(request):
            body = statistics.updates_json(figures, kinds, part)
            return pages.answer("application/json", body, cors=True)
        body = statistics.updates_xml(figures, kinds, part)
        return pages.answer("text/xml", body, cors=True)

    def _kinds(self, wanted: str | None) -> tuple[str, ...]:
        """Return the consolidation functions to tell; today's release keeps averages only."""
        kept = statistics.CONSOLIDATIONS[: None if self._pool.legacy else 1]
        if wanted not in (*statistics.CONSOLIDATIONS, "LAST"):
            return kept
        return (wanted,) if wanted in kept else ()

    def _guest(self, request: Request) -> Response:
        uuid = query_of(request).get("uuid")
        if uuid is None:
            return pages.bad_request("missing the 'uuid' parameter")
        try:
            ref = self._pool.db.by_uuid("VM", uuid)
        except XenError:
            return pages.missing(request.path)
        row = self._pool.db.row("VM", ref)
        elsewhere = self._elsewhere(row["resident_on"])
        if elsewhere:
            return pages.moved(_at(request, elsewhere))
        return self._archive(statistics.guest_figures(self._pool, ref))

    def _elsewhere(self, resident_on: str) -> str | None:
        """Return the address of the host to ask: the guest's, or the master when it has none."""
        if resident_on == NULL_REF:
            return None if self._member.role is Role.MASTER else self._member.master
        if resident_on == self._member.host:
            return None
        address: str = self._pool.db.row("host", resident_on)["address"]
        return address

    def _host(self, _request: Request) -> Response:
        return self._archive(statistics.host_figures(self._pool, self._member.host))

    def _archive(self, figures: list[statistics.Figure]) -> Response:
        return pages.answer("text/xml", statistics.archive(figures, statistics.epoch(self._pool)))


_JSON: Final = "application/json"


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    if _JSON in accepted or "text/xml" in accepted:
        return "text/xml" not in accepted.partition(_JSON)[0] and _JSON in accepted
    return "json" in query_of(request)


def _at(request: Request, address: str) -> str:
    """Return the request's URL at another host of the lab: all answer on the same port."""
    connection = request.connection
    target = request.target or f"{request.path}?{request.query}"
    return f"{connection.scheme}://{address}:{connection.local[1]}{target}"


def _integer(text: str | None) -> int:
    try:
        return int(text or "0")
    except ValueError:
        return 0
