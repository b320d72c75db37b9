"""``com.vmware.cis.session``: logging in and out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hvsim.vcenter.values import date_at
from hvsim_fakes.vcenter.rest import errors
from hvsim_fakes.vcenter.rest.operations import Route, operation
from hvsim_fakes.vcenter.rest.structures import Secret, Structure

if TYPE_CHECKING:
    from hvsim_fakes.vcenter.rest.call import Call

SERVICE = "com.vmware.cis.session"
_OLD = "/com/vmware/cis/session"


class Info(Structure):
    """What a session is."""

    vapi = "com.vmware.cis.session.info"
    user: str
    created_time: datetime
    last_accessed_time: datetime


@operation(
    f"{SERVICE}.create",
    Route("POST", "/session", old_path=_OLD, status=201),
    is_open=True,
    locked=False,
)
def create(call: Call) -> Secret:
    """Log in with user and password; return the session's identifier."""
    return Secret(call.sessions.open(call.client))


@operation(f"{SERVICE}.get", Route("GET", "/session", old_path=_OLD), privilege="")
def get(call: Call) -> Info:
    """Return what the caller's session is."""
    session = call.session
    if session is None:
        raise errors.unauthenticated()
    return Info(
        user=session.account,
        created_time=date_at(session.since),
        last_accessed_time=date_at(session.last),
    )


@operation(
    f"{SERVICE}.delete", Route("DELETE", "/session", old_path=_OLD), privilege="", locked=False
)
def delete(call: Call) -> None:
    """Log out."""
    call.sessions.close(call.client.token)
