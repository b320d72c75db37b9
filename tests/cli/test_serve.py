"""`hvsim serve` as a process of its own, driven by the SDK and by signals."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import XenAPI

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HVSIM = [sys.executable, "-c", "from hvsim_conformance.cli import main; main()"]
FREE = [word for kind in ("", "tls-", "ssh-", "control-") for word in (f"--{kind}port", "0")]


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """Run a lab and give its addresses; the process is ended if the test has not done so."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*HVSIM, "serve", *FREE, "--json", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            pytest.fail(process.communicate(timeout=30)[1])
        yield json.loads(line), process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def stopped(process: subprocess.Popen[str], number: int = signal.SIGINT) -> tuple[int, str]:
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    return process.returncode, errors


def api(facts: dict[str, Any], path: str, data: Any = None) -> Any:
    body = None if data is None else json.dumps(data).encode()
    headers = {"Authorization": f"Bearer {facts['token']}"}
    url = facts["control"] + path
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - http, from the lab itself
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        return json.loads(answer.read())


def names(facts: dict[str, Any], pool: str = "pool1") -> set[str]:
    found = facts["pools"][pool]
    session = XenAPI.Session(found["url"])
    session.xenapi.login_with_password(found["user"], found["password"])
    return {vm["name_label"] for vm in session.xenapi.VM.get_all_records().values()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_default_lab_serves_until_a_signal(number: int) -> None:
    with serving() as (facts, process):
        assert {"web", "db"} <= names(facts)
        assert api(facts, "/v1/clock")["mode"] == "real"
        assert stopped(process, number) == (0, "")


def test_logs_and_the_saved_lab_are_whole_after_the_end(tmp_path: Path) -> None:
    events, journal, lab = tmp_path / "e.jsonl", tmp_path / "j.jsonl", tmp_path / "a.hvlab"
    options = ["--event-log", str(events), "--journal", str(journal), "--save-on-exit", str(lab)]
    with serving(*options, "--clock", "stepped") as (facts, process):
        api(facts, "/v1/servers/host1/backup", {"image": "kept"})
        api(facts, "/v1/clock/advance", {"seconds": 12})
        state = api(facts, "/v1/lab")
        status, errors = stopped(process)
    assert status == 0
    assert str(lab) in errors
    assert len(events.read_bytes().splitlines()) == state["generation"]
    assert json.loads(journal.read_text())["image"] == "kept"
    replayed = subprocess.run(  # noqa: S603 - our own command
        [*HVSIM, "replay", str(lab)], capture_output=True, text=True, check=False
    )
    assert replayed.returncode == 0
    assert state["digest"] in replayed.stdout
    with serving(str(lab)) as (facts, process):
        again = api(facts, "/v1/lab")
        assert [image["name"] for image in api(facts, "/v1/images")] == ["kept"]
        assert again["clock"]["time"] >= 12.0
        stopped(process)


def test_a_scenario_is_served_with_the_clock_that_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    file.write_text('name = "one"\n[[xenserver]]\nname = "p"\nhosts = 1\nguests = 2\n')
    with serving(str(file), "--clock", "scaled", "--scale", "5", "--seed", "9") as (facts, process):
        state = api(facts, "/v1/lab")
        assert (state["scenario"], state["seed"]) == ("one", 9)
        assert (state["clock"]["mode"], state["clock"]["scale"]) == ("scaled", 5.0)
        assert list(facts["pools"]) == ["p"]
        stopped(process)


def test_a_port_in_use_is_one_line_and_status_4() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.11", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(  # noqa: S603 - our own command
            [*HVSIM, "serve", "--port", port, "--no-tls", "--control-port", "0"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 4
    (line,) = done.stderr.splitlines()
    assert "127.0.0.11" in line
    assert "in use" in line


def test_managers_are_told_with_their_accounts(tmp_path: Path) -> None:
    scenario = tmp_path / "managers.toml"
    scenario.write_text(
        '[[scvmm]]\nname = "vmm1"\nclusters = [{ name = "c1", hosts = 2 }]\n'
        '[[vcenter]]\nname = "vc1"\nclusters = [{ name = "c2", hosts = 2 }]\n'
    )
    with serving(str(scenario)) as (facts, process):
        managers = facts["managers"]
        assert managers["vmm1"]["users"] == {"Administrator": "hvsim"}
        assert all(url.endswith("/wsman") for url in managers["vmm1"]["urls"])
        assert managers["vc1"]["profile"] == "vsphere-8"
        assert stopped(process)[0] == 0
