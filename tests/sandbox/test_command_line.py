"""What the command line says of sandboxes, and a lab that it serves with them."""

from __future__ import annotations

import json
import subprocess
import sys
from urllib.parse import urlsplit

import paramiko
import pytest
from click.testing import CliRunner

from hvsim_conformance.cli import doctor, main, serve
from sandboxes import needed

SERVE = [sys.executable, "-c", "from hvsim_conformance.cli import main; main()", "serve", "--json"]
SERVE += [word for kind in ("", "tls-", "ssh-", "control-") for word in (f"--{kind}port", "0")]


@pytest.mark.parametrize("reason", [None, "the kernel refuses"])
def test_the_doctor_tells_whether_sandboxes_can_run(monkeypatch, reason):
    monkeypatch.setattr(doctor, "trouble", lambda: reason)
    told = CliRunner().invoke(main, ["doctor"], prog_name="hvsim").stdout
    wanted = (
        "note  no sandbox can run here: the kernel refuses" if reason else "ok    sandboxes for"
    )
    assert wanted in told


@pytest.mark.parametrize("reason", [None, "the kernel refuses"])
def test_a_lab_says_what_becomes_of_programs(monkeypatch, reason):
    monkeypatch.setattr(serve, "trouble", lambda: reason)
    (line,) = serve._sandbox_lines()
    assert ("are refused" in line) == (reason is not None)


@pytest.mark.parametrize(
    ("option", "status"),
    [([], 127), pytest.param(["--remote-code"], 0, marks=needed)],
)
def test_a_served_lab_runs_programs_when_told_to(tmp_path, option, status):
    file = tmp_path / "lab.toml"
    file.write_text('[[solaris]]\nname = "sol1"\naddress = "127.0.0.1"\n')
    with subprocess.Popen([*SERVE, str(file), *option], stdout=subprocess.PIPE, text=True) as lab:  # noqa: S603 - our own command
        try:
            facts = json.loads(lab.stdout.readline())
            place = urlsplit(facts["shells"][0]["url"])
            client = paramiko.SSHClient()
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # noqa: S507 - of our own lab
            client.connect(
                *(place.hostname, place.port, "root", "solaris"),
                allow_agent=False,
                look_for_keys=False,
            )
            _, out, _ = client.exec_command(
                "python3 -c 'import platform; print(platform.system())'"
            )
            assert out.read() == (b"SunOS\n" if status == 0 else b"")
            assert out.channel.recv_exit_status() == status
            client.close()
        finally:
            lab.kill()
