"""Records what is said to a fresh lab, plays it back without one, and compares recordings."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from xml.dom import minidom
from xml.parsers.expat import ExpatError

import vcr
import yaml
from pyVim import connect
from pyVmomi import SoapAdapter
from vcr.stubs import VCRHTTPConnection

import hvsim_fixtures
import labs
from golden import vim_player, winrm_player
from golden.player import OPERATOR, PASSWORD, Player
from hvsim.clock import Clock
from hvsim.xenserver.spec import AccountSpec, StorageSpec
from hvsim_fakes.lab import Lab

if TYPE_CHECKING:
    from pathlib import Path

    from golden.scripts import Recording
    from hvsim.world import World

MASK: Final = "********"
_SECRETS: Final = (PASSWORD, OPERATOR[1])
_KEPT: Final = frozenset({"content-type", "soapaction"})
"""Headers of requests that are the protocol's and not the machine's or Python's."""
_PATCHES: Final = tuple(
    (module, "HTTPConnection", VCRHTTPConnection) for module in (SoapAdapter, connect)
)
"""Where pyVmomi keeps the class of its connections, besides the standard library."""
_OTHERS: Final = {
    "vsphere": (vim_player.world, vim_player.VimPlayer),
    "scvmm": (winrm_player.world, winrm_player.WinRmPlayer),
}
"""By how a profile begins: what makes its world, and who plays."""
_COOKIE: Final = re.compile(r'="[0-9a-f]+"')
_ACCOUNTS: Final = [
    AccountSpec(user="root", password=PASSWORD),
    AccountSpec(user=OPERATOR[0], password=OPERATOR[1], role="vm-operator"),
]


def folder() -> Path:
    """Return where the recordings are."""
    return hvsim_fixtures.golden_folder()


def file_of(recording: Recording) -> Path:
    """Return the file of a recording in the repository."""
    return folder() / f"{recording}.yaml"


def record(recording: Recording, file: Path) -> None:
    """Play a script against a fresh lab and write what was said."""
    file.unlink(missing_ok=True)
    # A clock of its own seconds: time only passes when a script or a waiting call asks for it.
    clock = Clock(recording.clock, source=lambda: 0.0)
    with Lab(_world(recording.profile, clock)) as lab, _cassette(file, "all"):
        recording.play(_player(recording.profile, lab))


def _world(profile: str, clock: Clock) -> World:
    for name, (world, _) in _OTHERS.items():
        if profile.startswith(name):
            return world(profile, clock)
    storages = [StorageSpec(name="shared")]
    return labs.small_pool(profile, clock=clock, accounts=_ACCOUNTS, storages=storages).world


def _player(profile: str, lab: Lab | None = None) -> Any:
    for name, (_, player) in _OTHERS.items():
        if profile.startswith(name):
            return player(profile, lab)
    return Player(profile, lab)


def play(recording: Recording, file: Path) -> int:
    """Play a script against a recording; return how many answers it used.

    Raises:
        AssertionError: when the script left some unused.
    """
    with _cassette(file, "none") as cassette:
        recording.play(_player(recording.profile))
    assert cassette.all_played, f"{recording}: {cassette.play_count} of {len(cassette)} were used"
    return int(cassette.play_count)


def difference(committed: Path, fresh: Path) -> str:
    """Return how two recordings differ, exchange by exchange; nothing when they do not."""
    before, after = _exchanges(committed), _exchanges(fresh)
    for number, (old, new) in enumerate(zip(before, after, strict=False), 1):
        if old != new:
            title = f"exchange {number} of {len(before)}"
            lines = difflib.unified_diff(old, new, f"{title}, committed", "recorded now", n=4)
            return "\n".join(line.rstrip("\n") for line in lines)
    if len(before) != len(after):
        return f"{len(before)} exchanges are committed, {len(after)} were recorded now"
    return ""


def _cassette(file: Path, mode: str) -> Any:
    recorder = vcr.VCR(
        record_mode=mode,
        match_on=("method", "uri", "raw_body"),
        before_record_request=_asked,
        before_record_response=_answered,
        decode_compressed_response=True,
        custom_patches=_PATCHES,
    )
    return recorder.use_cassette(str(file))


def _asked(request: Any) -> Any:
    """Take out of a request what differs from machine to machine, and what is secret."""
    parts = urlsplit(request.uri)
    request.uri = parts._replace(netloc=parts.hostname or "").geturl()
    for name in [name for name in request.headers if name.lower() not in _KEPT]:
        del request.headers[name]
    body = request.body or b""
    for secret in _SECRETS:
        body = body.replace(secret.encode(), MASK.encode())
    request.body = body
    return request


def _answered(response: dict[str, Any]) -> dict[str, Any]:
    """Take out of an answer what is secret: the cookie of a session is made up by chance."""
    for name, values in response["headers"].items():
        if name.lower() == "set-cookie":
            values[:] = [_COOKIE.sub(f'="{MASK}"', value) for value in values]
    assert not any(secret.encode() in response["body"]["string"] for secret in _SECRETS)
    return response


def _exchanges(file: Path) -> list[list[str]]:
    """Return what was said, as lines that people can read."""
    taped = yaml.safe_load(file.read_text(encoding="utf-8"))["interactions"]
    return [_readable(one["request"], one["response"]) for one in taped]


def _readable(request: dict[str, Any], response: dict[str, Any]) -> list[str]:
    return [
        f"{request['method']} {request['uri']}",
        *_headers(request),
        *_body(request["body"]),
        f"-> {response['status']['code']} {response['status']['message']}",
        *_headers(response),
        *_body(response["body"]["string"]),
    ]


def _headers(message: dict[str, Any]) -> list[str]:
    return [f"{name}: {', '.join(values)}" for name, values in sorted(message["headers"].items())]


def _body(body: str | bytes) -> list[str]:
    text = body.decode() if isinstance(body, bytes) else body
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False).splitlines()
    except ValueError:
        pass
    try:
        return minidom.parseString(text.encode()).toprettyxml(indent=" ").splitlines()  # noqa: S318 - our own answers
    except ExpatError:
        return text.splitlines()
