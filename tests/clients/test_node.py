"""Xen Orchestra's own client library, unmodified, against a running lab."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import labs
from clients_support import need
from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator

NODE = Path(__file__).parent / "node"


@pytest.fixture
def lab() -> Iterator[Lab]:
    need(
        shutil.which("node") is not None and (NODE / "node_modules" / "xen-api").is_dir(),
        "npm's xen-api is not installed: npm install --prefix tests/clients/node",
    )
    # Booting is background to the client, so time has to pass for the tools to report.
    pool = labs.small_pool(clock=Clock(ClockMode.SKIP_IDLE, 60.0))
    with Lab(pool.world) as running:
        yield running


def drive(lab: Lab, transport: str, *, tls: bool) -> dict[str, Any]:
    member = labs.host(lab.pools["pool1"], "host2")
    url = next(u for u in lab.member_urls("pool1", member) if u.startswith("https") is tls)
    command = ["node", str(NODE / "xen_api.mjs"), url, *lab.credentials(), transport]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own script
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize(("transport", "tls"), [("json-rpc", True), ("xml-rpc", False)])
def test_xen_api_connects_follows_events_and_runs_tasks(
    lab: Lab, transport: str, tls: bool
) -> None:
    seen = drive(lab, transport, tls=tls)
    assert seen["status"] == "connected"
    assert seen["redirected"] == "127.0.0.11"
    assert seen["hosts"] == 3
    assert {"VM", "VDI", "SR", "pool", "network"} <= set(seen["types"])
    assert seen["started"] == "Running"
    assert seen["stopped"] == "Halted"
    assert seen["events"] >= 2
    assert seen["snapshot"] is True
    assert seen["refused"] == ["VM_BAD_POWER_STATE", "halted", "running"]
    assert seen["entry"] == "was here"
    assert seen["tasks"] == 0
