"""`hvsim vcsim` as a process of its own, as scripts that start vcsim run it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim

HVSIM = [sys.executable, "-c", "from hvsim_conformance.cli import main; main()", "vcsim"]
VARIABLES = re.compile(
    r"export GOVC_URL=(https?)://user:pass@127\.0\.0\.1:(\d+)/sdk GOVC_SIM_PID=(\d+)"
)


@contextmanager
def serving(*arguments):
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*HVSIM, "-l", "127.0.0.1:0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read(line, process):
    found = VARIABLES.fullmatch(line.strip())
    assert found is not None, line
    assert int(found[3]) == process.pid
    return found[1], int(found[2])


def machines(port):
    service = SmartConnect(
        host="127.0.0.1", port=port, user="u", pwd="p", disableSslCertValidation=True
    )
    content = service.RetrieveContent()
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    found = sorted(vm.name for vm in view.view)
    Disconnect(service)
    return found


def test_it_prints_what_a_shell_evaluates_and_serves_what_is_counted():
    with serving("-vm", "1", "-standalone-host=0", "-cluster", "2") as process:
        scheme, port = read(process.stdout.readline(), process)
        assert scheme == "https"
        assert machines(port) == ["DC0_C0_RP0_VM0", "DC0_C1_RP0_VM0"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_variables_go_to_a_pipe_and_http_is_to_be_had(tmp_path):
    pipe = tmp_path / "variables"
    os.mkfifo(pipe)
    with serving("-tls=false", "-E", str(pipe)) as process:
        assert read(pipe.read_text(), process)[0] == "http"


def test_a_host_that_no_vcenter_manages():
    with serving("-esx", "-vm", "1") as process:
        _, port = read(process.stdout.readline(), process)
        assert machines(port) == ["ha-host_VM0"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-trace"], "No such option"),
        (["-dc", "0"], "-dc"),
        (["-l", "nowhere"], "expected HOST:PORT"),
        (["-load", "/nowhere/at/all"], "/nowhere/at/all: cannot be read"),
    ],
)
def test_what_it_does_not_take_is_told_in_a_line(arguments, told):
    ended = subprocess.run(  # noqa: S603 - our own command
        [*HVSIM, *arguments], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 4
    assert told in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
