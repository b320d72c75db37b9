"""Programs that clients bring along: the host they find, what they leave on it, how they end."""

import json
import os
import subprocess
import time

import pytest

import sandboxes
from hvsim_fakes.lab import Lab
from hvsim_fakes.sandbox import program
from hvsim_fakes.sandbox.limits import SandboxLimits
from hvsim_fakes.shell.local import run_command
from sandboxes import children, needed, room
from zonelabs import data, shell

pytestmark = needed


def test_the_host_is_the_one_it_was_brought_to():
    with room(profile="omnios") as run:
        told = run("""
            import json, os, platform, socket, subprocess, sys
            print(json.dumps({
                "system": platform.system(), "release": platform.release(),
                "node": platform.node(), "name": socket.gethostname(), "platform": sys.platform,
                "zone": subprocess.check_output(["zonename"], text=True),
                "home": os.path.expanduser("~"), "user": os.getuid(), "cwd": os.getcwd(),
                "shell": subprocess.getoutput("echo $0; uname -s"),
            }))
        """)
    assert json.loads(told.out) == {
        "system": "SunOS",
        "release": "5.11",
        "node": "sol1",
        "name": "sol1",
        "platform": "sunos5",
        "zone": "global\n",
        "home": "/",
        "user": 0,
        "cwd": "/",
        "shell": "/bin/sh\nSunOS",
    }


def test_its_files_are_the_hosts_both_ways():
    with room() as run:
        run.line(
            "mkdir /export/a; echo old >/export/a/f; ln -s f /export/a/l; chmod 640 /export/a/f"
        )
        told = run("""
            import os, subprocess
            print(open("/export/a/l").read().strip(), oct(os.stat("/export/a/f").st_mode))
            with open("/export/a/f", "w") as file:
                file.write("new\\n")
            os.chmod("/export/a/f", 0o600)
            os.rename("/export/a/l", "/export/a/m")
            os.makedirs("/export/b/c")
            print(subprocess.check_output(["cat", "/export/a/m"], text=True).strip())
            subprocess.call("echo told >/export/b/c/d; rm /export/a/m", shell=True)
            print(open("/export/b/c/d").read().strip(), os.path.lexists("/export/a/m"))
        """)
        assert told.out.splitlines() == ["old 0o100640", "new", "told False"]
        assert told.err == ""
        kept = run.line("cat /export/a/f /export/b/c/d; ls -l /export/a/f | cut -c1-10")
        assert kept.out.splitlines() == ["new", "told", "-rw-------"]
        log = run.shell.world.log.since(0)
        assert "zones/sol1/export/b/c" in [event.subject for event in log if event.kind == "file"]


def test_commands_change_the_world_and_their_files_are_seen():
    with room() as run:
        told = run("""
            import os, subprocess
            config = "create -b\\nset zonepath=/zones/own\\n"
            quietly = {"check": True, "capture_output": True, "text": True}
            subprocess.run(["zonecfg", "-z", "own", "-f", "-"], input=config, **quietly)
            subprocess.run(["zoneadm", "-z", "own", "install"], **quietly)
            print(os.path.isfile("/zones/own/root/etc/shadow"))
            with open("/zones/own/root/etc/nodename", "w") as file:
                file.write("named\\n")
            subprocess.run(["zoneadm", "-z", "own", "boot"], check=True)
            print(subprocess.check_output(["zlogin", "own", "hostname"], text=True).strip())
            print(subprocess.run(["zoneadm", "-z", "none", "boot"], capture_output=True, text=True))
        """)
    lines = told.out.splitlines()
    assert lines[:2] == ["True", "named"], told.err
    assert "returncode=1" in lines[2]
    assert "zoneadm: none: No such zone configured" in lines[2]


def test_it_sleeps_by_the_hosts_clock():
    with room() as run:
        began = time.monotonic()
        told = run("""
            import subprocess, time
            before = subprocess.getoutput("date +%s")
            time.sleep(3600)
            print(int(subprocess.getoutput("date +%s")) - int(before))
        """)
        assert 3_600 <= int(told.out) < 3_660
        assert time.monotonic() - began < 60


def test_streams_and_statuses():
    with room() as run:
        line = (
            "echo in | python3 -c 'import sys; print(sys.stdin.read()); sys.exit(7)' | tr a-z A-Z"
        )
        assert run.line(line).out == "IN\n\n"
        told = run("import sys; sys.stderr.write('bad\\n'); sys.exit(9)")
        assert (told.status, told.err) == (9, "bad\n")
        assert run("import os; os.kill(os.getpid(), 15)").status == 128 + 15
        assert run("print('x' * 3_000_000)").out == "x" * 3_000_000 + "\n"
        piped = run("""
            import subprocess
            first = subprocess.Popen(["seq", "5"], stdout=subprocess.PIPE)
            print(subprocess.check_output(["sort", "-rn"], stdin=first.stdout))
        """)
        assert piped.out == "b'5\\n4\\n3\\n2\\n1\\n'\n"


def test_a_script_by_its_first_line():
    with room() as run:
        text = "printf '#!/usr/bin/python3\\nimport sys\\nprint(sys.argv[1:])\\n' >/tmp/s"
        told = run.line(f"{text}; chmod +x /tmp/s; /tmp/s a 'b c'")
        assert told.out == "['a', 'b c']\n"


def test_a_hosts_script_runs_as_the_hosts_shell_has_it():
    with room() as run:
        run.line("printf '#!/bin/sh\\nzonename; echo $1\\n' >/tmp/s; chmod +x /tmp/s")
        assert run("import subprocess; subprocess.call(['/tmp/s', 'x'])").out == "global\nx\n"


def test_inside_a_zone_it_has_that_zones_files():
    with room() as run:
        line = 'zlogin web \'python3 -c "import os, platform; print(os.listdir(\\"/etc\\"),'
        told = run.line(f'{line} platform.node(), open(\\"/made\\", \\"w\\"))"; ls /made\'')
        assert "'nodename'" in told.out, told
        assert "inside" in told.out
        assert told.out.endswith("/made\n")
        assert run.line("ls /zones/web/root/made").status == 0


def test_a_program_in_a_program_sees_the_same_files():
    with room() as run:
        told = run("""
            import subprocess
            open("/tmp/a", "w").write("1")
            inner = "open('/tmp/b', 'w').write(open('/tmp/a').read() + '2')"
            subprocess.call(["sh", "-c", f'python3 -c "{inner}"'])
            print(open("/tmp/b").read())
        """)
    assert told.out == "12\n", told.err


def test_rights_of_an_account_hold():
    accounts = [{"user": "root"}, {"user": "bob"}]
    with room(accounts=accounts) as run:
        run.line("echo secret >/etc/closed; chmod 600 /etc/closed; chown bob /export/home/bob")
        told = run(
            """
            import os
            print(os.getuid())
            own = "/export/home/bob/x"
            for path, mode in (("/etc/closed", "r"), ("/etc/closed", "w"), (own, "w")):
                try:
                    print(repr(open(path, mode).read() if mode == "r" else open(path, mode)))
                except PermissionError:
                    print("denied")
            os.chmod("/etc/closed", 0o644)
            open("/etc/closed", "w").write("changed")
            """,
            account="bob",
        )
        lines = told.out.splitlines()
        assert lines[0] == "101"
        assert lines[1:3] == ["denied", "denied"]
        assert told.err == "python3: /etc/closed: Permission denied\n"
        assert run.line("cat /etc/closed").out == "secret\n"
        assert run.line("ls -l /export/home/bob/x | awk '{ print $3 }'").out == "bob\n"


def test_only_so_many_at_one_time():
    with room(SandboxLimits(programs=1)) as run:
        told = run("""
            import subprocess
            print(subprocess.run(["python3", "-c", "1"]).returncode)
            print(subprocess.run(["sh", "-c", "python3 -c 1"], capture_output=True, text=True))
        """)
    # Called by its path it is the sandbox's own; through the host's shell it would be another one.
    first, second = told.out.splitlines()
    assert first == "0"
    assert "too many programs run in sandboxes" in second


def test_without_the_labs_leave_there_is_no_interpreter():
    with shell() as sh:
        told = run_command(sh.host, "python3 -c 'print(1)'")
    assert told.status == 127
    assert "python3: not found" in told.err


def test_where_no_sandbox_can_run_nothing_runs(monkeypatch):
    monkeypatch.setattr(program, "trouble", lambda: "the kernel refuses")
    with room() as run:
        told = run("print(1)")
    assert (told.status, told.out) == (126, "")
    assert told.err == "python3: no sandbox on this machine: the kernel refuses\n"


def test_a_lab_of_the_scenarios_wish_and_a_client_that_hangs_up(tmp_path):
    key = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)  # noqa: S603, S607 - our own command
    accounts = [{"user": "root", "keys": [key.with_suffix(".pub").read_text().strip()]}]
    before = children()
    with Lab.from_scenario(data(accounts=accounts, remote_code=True)) as lab:
        address, port = lab.ssh_address("sol1", "sol1")
        command = ["ssh", "-F", "none", "-i", str(key), "-p", str(port), "-o", "BatchMode=yes"]
        command += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        line = "python3 -c 'import signal; print(1, flush=True); signal.pause()'"
        client = subprocess.Popen([*command, f"root@{address}", line], stdout=subprocess.PIPE)  # noqa: S603 - our own
        assert client.stdout.readline() == b"1\n"
        assert len(children()) == len(before) + 1
        client.kill()
        client.wait()
        deadline = time.monotonic() + 20
        while children() != before and time.monotonic() < deadline:
            os.sched_yield()
        assert children() == before


@pytest.mark.parametrize("kind", ["rhel5xen"])
def test_other_products_hosts_may_too(kind):
    lab = Lab.from_scenario({"name": "x", kind: [{"name": "site", "remote_code": True}]})
    with lab:
        (door, _), *_ = lab.shells()
        told = run_command(
            door.shell, "python3 -c 'import platform; print(platform.system(), platform.release())'"
        )
    assert told.out == "Linux 2.6.18-164.el5xen\n", told.err
    assert sandboxes.children() == []
