"""The subcommands about labs: what they print, and what mistakes are told."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

import hvsim_fixtures
from hvsim import saved, scenario
from hvsim.clock import Clock, ClockMode
from hvsim.commands import decode
from hvsim_conformance.cli import main
from hvsim_conformance.cli._demo import Play, demo_lab

if TYPE_CHECKING:
    from pathlib import Path


HVSIM = [sys.executable, "-c", "from hvsim_conformance.cli import main; main()"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), prog_name="hvsim")


def one_line(result: Result, status: int = 4) -> str:
    assert result.exit_code == status, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("hvsim: ")
    return line


@pytest.fixture
def lab_file(tmp_path: Path) -> Path:
    world = scenario.build(scenario.load(hvsim_fixtures.scenario("small")))
    world.execute(decode({"kind": "server.backup", "server": "host1", "image": "first"}))
    world.advance(60)
    world.execute(decode({"kind": "server.backup", "server": "host1", "image": "second"}))
    path = tmp_path / "a.hvlab"
    saved.write(world, path)
    return path


def test_the_shipped_scenarios_are_listed_with_what_they_are() -> None:
    result = run("scenario", "list")
    assert result.exit_code == 0
    for name in hvsim_fixtures.scenarios():
        assert name in result.stdout


def test_a_shipped_scenario_is_shown_as_it_is() -> None:
    text = hvsim_fixtures.scenario("small").read_text("utf-8")
    assert run("scenario", "show", "small").stdout == text
    assert "small" in one_line(run("scenario", "show", "large-one"))


def test_a_new_scenario_is_a_good_one(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    assert run("scenario", "new", str(file)).exit_code == 0
    checked = run("scenario", "check", str(file))
    assert checked.exit_code == 0
    assert "2 servers; pool1 (xenserver-8): 2 hosts, 2 guests" in checked.stdout


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("consoles", "site (rhel5-xen): 3 hosts"),
        ("containers", "sun (solaris-10): 1 host"),
        ("hyperv", "vmm1 (scvmm-2019): 4 hosts"),
    ],
)
def test_a_check_tells_of_every_product(name: str, told: str) -> None:
    # A process of its own: here other tests have brought all products in.
    line = [*HVSIM, "scenario", "check", str(hvsim_fixtures.scenario(name))]
    done = subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert told in done.stdout, done.stderr


def test_a_new_scenario_replaces_nothing_unasked(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("mine")
    assert "--force" in one_line(run("scenario", "new", str(file)))
    assert file.read_text() == "mine"
    assert run("scenario", "new", "--force", str(file)).exit_code == 0
    assert file.read_text() != "mine"
    one_line(run("scenario", "new", str(tmp_path / "missing" / "x.toml")))


def test_checking_tells_of_every_file(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('[[xenserver]]\nname = "p"\nhosts = "many"\n')
    good = str(hvsim_fixtures.scenario("small"))
    result = run("scenario", "check", str(bad), good)
    assert result.exit_code == 4
    assert f"{bad}:3:" in one_line(result)
    assert good in result.stdout


def test_a_replay_verifies_the_digest(lab_file: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    result = run("replay", str(lab_file), "--event-log", str(events))
    assert result.exit_code == 0
    head = saved.read(lab_file).head
    assert head.digest in result.stdout
    assert "2 of 2 commands to 60 s" in result.stdout
    assert len(events.read_bytes().splitlines()) == head.generation


def test_a_replay_stops_where_it_is_told(lab_file: Path) -> None:
    result = run("replay", str(lab_file), "--until", "30")
    assert result.exit_code == 0
    assert "1 of 2 commands to 30 s" in result.stdout
    assert "60" in one_line(run("replay", str(lab_file), "--until", "61"))


def test_a_replay_that_comes_out_differently_is_status_1(lab_file: Path) -> None:
    lab_file.write_bytes(lab_file.read_bytes().replace(b'"second"', b'"others"'))
    assert "digest" in one_line(run("replay", str(lab_file)), 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay", "no-such-file"),
        ("replay", str(hvsim_fixtures.scenario("small"))),
        ("replay",),
        ("serve", "no-such-scenario"),
        ("serve", "missing/file.toml"),
        ("serve", "--scale", "0"),
        ("serve", "--clock", "backwards"),
        ("serve", "--clock", "real", "--scale", "3"),
        ("serve", "--port", "70000"),
        ("serve", "--bind", "192.0.2.1", "--port", "0", "--tls-port", "0"),
        ("serve", "--event-log", "/no/such/folder/e.jsonl"),
        ("scenario", "check"),
        ("scenario", "check", "no-such-file"),
        ("demo", "--scale", "-1"),
    ],
)
def test_mistakes_are_one_line_and_status_4(arguments: tuple[str, ...]) -> None:
    one_line(run(*arguments))


def test_hosts_beyond_this_machine_have_to_be_allowed(tmp_path: Path) -> None:
    file = tmp_path / "far.toml"
    file.write_text(
        '[[xenserver]]\nname = "p"\nhosts = [{ name = "far", address = "192.0.2.7" }]\n'
    )
    assert "--bind" in one_line(run("serve", str(file)))


def test_the_doctor_looks_at_everything() -> None:
    result = run("doctor")
    for word in ("Python", "127.0.0.12", "8080", "TLS", "XenAPI", "node"):
        assert word in result.stdout
    assert result.exit_code == (1 if "FAIL" in result.stdout else 0)


def test_the_doctor_sees_a_port_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    from hvsim_conformance.cli import doctor

    monkeypatch.setattr(doctor, "_bindable", lambda _, port: port != 8443)
    result = run("doctor")
    assert "port 8443 is in use" in result.stdout
    assert "port 8080 is free" in result.stdout
    assert result.exit_code == 0


def test_the_doctor_fails_without_loopback_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    from hvsim_conformance.cli import doctor

    monkeypatch.setattr(doctor, "_bindable", lambda address, _: address != "127.0.0.12")
    result = run("doctor")
    assert result.exit_code == 1
    assert "alias 127.0.0.12" in result.stdout


def told(lines: list[str]) -> list[str]:
    return [line.split(" s  ")[1] for line in lines if " s  " in line]


def test_the_demos_migration_is_seen_suspended() -> None:
    lines: list[str] = []
    # Time jumps only while the watcher waits, so it misses nothing however slow it is.
    with demo_lab(Clock(ClockMode.SKIP_IDLE)) as lab:
        Play(lab, lines.append).migrate()
    assert [line for line in told(lines) if line.startswith("event: ")] == [
        "event: web is Running on host2",
        "event: web is Suspended on no host",
        "event: web is Running on host3",
    ]


def test_the_demo_ends_with_a_new_master_and_the_protected_guest_back() -> None:
    result = run("demo", "--scale", "100", "--no-suite")
    assert result.exit_code == 0, result.output
    story = told(result.stdout.splitlines())
    assert "event: web is Running on host3" in story
    assert any(line.endswith("is the master now") for line in story)
    assert story[-1].startswith("db was restarted and is Running on host")
