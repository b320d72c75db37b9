"""Secrets that command lines carry do not stand in the wire log; all else does."""

import shlex

import pytest

from hvsim_fakes.shell.local import run_command
from hvsim_fakes.shell.secrets import MASK, conceal, conceal_argv
from hvsim_fakes.wirelog import WireLog
from hvsim_fakes.zones.programs import host_of
from zonelabs import build

SECRET = "Tr0ub4dor"
LINES = [
    f"export PASSWORD={SECRET}; zoneadm list",
    f"SSHPASS='{SECRET} two' sshpass -e ssh host",
    f"sshpass -p {SECRET} ssh root@host zoneadm list",
    f"sshpass -p'{SECRET}' scp a b:",
    f"xm create web vncpasswd={SECRET}",
    f"xm create web 'vncpasswd=\"{SECRET}\"'",
    f"virsh define /dev/stdin <<E\n<graphics type='vnc' passwd='{SECRET}'/>\nE",
    f"virsh attach-device web --password {SECRET}",
    f"cmd --root-password={SECRET} --next",
    f"echo {SECRET} | passwd --stdin root",
    f"echo 'root:{SECRET}' | chpasswd",
    f'printf "root:{SECRET}\\n" | sudo chpasswd; echo done',
    f"chpasswd <<E\nroot:{SECRET}\nE\necho after",
    f"zonecfg -z web 'add attr; set name=root_password; set type=string; set value={SECRET}; end'",
    f"zonecfg -z web 'add attr\nset name=password\nset value=\"{SECRET}\"\nend'",
    f"ssh-keygen -t rsa -N '{SECRET}' -f /tmp/k",
    f"useradd -p {SECRET} bob",
    f"""python3 -c 'print({{"password": "{SECRET}"}})' """,
    f"curl -u admin:{SECRET} https://host/",
    f"virsh -c xen+ssh://root:{SECRET}@host/ list",
    f"echo token={SECRET}>/tmp/t",
]
OPEN = [
    "cat /etc/passwd; grep root /etc/shadow",
    "zoneadm -z web list -p | awk -F: '{ print $2 }'",
    "echo hello | wc -c",
    "zonecfg -z web 'add net; set physical=net0; end'",
    "ssh-keygen -l -f /etc/ssh/key",
    "zlogin -l bob web id",
    "ls -p /tmp; mkdir -p /a/b; ps -p 1",
    "df -k; zfs list -H -o name",
]


@pytest.mark.parametrize("line", LINES)
def test_marked_secrets_are_masked(line):
    shown = conceal(line)
    assert SECRET not in shown
    assert MASK in shown


@pytest.mark.parametrize("line", OPEN)
def test_all_else_stays(line):
    assert conceal(line) == line
    assert conceal_argv(shlex.split(line)) == shlex.split(line)


@pytest.mark.parametrize(
    "argv",
    [
        ["xm", "create", "web", f"vncpasswd={SECRET} and more"],
        ["sshpass", "-p", SECRET, "ssh", "host"],
        ["sshpass", f"-p{SECRET}", "ssh", "host"],
        ["cmd", "--password", SECRET, "after"],
        ["/usr/bin/ssh-keygen", "-N", SECRET, "-f", "k"],
        ["zonecfg", "-z", "web", f"add attr; set name=password; set value={SECRET}; end"],
    ],
)
def test_words_of_a_command_are_masked(argv):
    shown = conceal_argv(argv)
    assert SECRET not in " ".join(shown)
    assert len(shown) == len(argv)
    assert shown[0] == argv[0]
    assert shown[-1] == argv[-1] or MASK in shown[-1]


def test_lines_around_a_secret_stay():
    line = f"a; echo 'root:{SECRET}' | chpasswd; chpasswd <<E\nroot:{SECRET}\nE\nlast"
    assert conceal(line) == f"a; echo {MASK} | chpasswd; chpasswd <<E\n{MASK}\nE\nlast"


def test_the_wire_log_and_the_journal_hold_no_secret_of_a_command_line():
    world, log = build(), WireLog()
    host = host_of(world.product("sol1"), log)
    config = f"add attr; set name=password; set type=string; set value={SECRET}; end"
    run_command(host, f"zonecfg -z web '{config}'; zlogin web --password {SECRET} id")
    assert len(log.entries()) == 2
    assert all(SECRET not in str(entry.params) for entry in log.entries())
