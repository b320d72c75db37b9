"""What ``xm`` and ``virsh`` print, and how they exit."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hvsim.commands import decode
from hvsim.rhel5xen.site import FOLDER
from rhel5labs import Shells, host_of, states, world_of


@pytest.fixture
def shells():
    with Shells(world_of(skip=True)) as found:
        yield found


def _world():
    return world_of(skip=True)


XM_LIST = """\
Name                                      ID Mem(MiB) VCPUs State   Time(s)
Domain-0                                   0     7168     4 r-----      0.0
web                                        1      512     1 -b----      0.0
asleep                                     2      512     1 --p---      0.0
"""
VIRSH_LIST = """\
 Id Name                 State
----------------------------------
  0 Domain-0             running
  1 web                  idle
  2 asleep               paused
  - spare                shut off

"""


def test_lists_have_the_tools_own_columns():
    world = world_of()
    from hvsim_fakes.rhel5xen.doors import doors_of_site
    from hvsim_fakes.shell.local import run_command
    from hvsim_fakes.wirelog import WireLog

    shell = doors_of_site(world.product("site"), WireLog())[0].shell
    assert run_command(shell, "xm list").out == XM_LIST
    assert run_command(shell, "virsh list --all").out == VIRSH_LIST
    assert run_command(shell, "virsh list").out == VIRSH_LIST.replace(
        "  - spare                shut off\n", ""
    )
    assert run_command(shell, "xm domid web; xm domname 2").out == "1\nasleep\n"


REFUSALS = [
    ("xm list nope", 1, "Error: Domain 'nope' does not exist.\n"),
    ("xm destroy nope", 1, "Error: Domain 'nope' does not exist.\n"),
    ("xm shutdown nope", 1, "Error: Domain 'nope' does not exist.\n"),
    ("xm create web", 1, "Error: VM name 'web' already in use by domain 1\n"),
    ("xm create nope", 1, "Error: Unable to open config file: nope\n"),
    ("xm migrate web nowhere", 1, "Error: can't connect: Name or service not known\n"),
    ("xm migrate asleep beta", 1, "Error: Domain is not running\n"),
    ("xm migrate web", 1, "Error: Invalid number of arguments\n"),
    ("xm suspend web", 1, "Error: Subcommand suspend not found!\n"),
    ("xm destroy", 1, "Error: 'xm destroy' requires 1 argument.\n"),
    ("xm mem-set web much", 1, "Error: Invalid argument.\n"),
    ("xm save web /none/x", 1, "Error: xm save: Unable to create file /none/x\n"),
    ("xm restore /none", 1, "Error: xm restore: Unable to read file /none\n"),
    ("xm shutdown", 1, "Error: No domain parameter given\n"),
    ("xm list --frob", 1, "Error: option --frob not recognized\n"),
    ("virsh start web", 1, "error: Domain is already active\n"),
    ("virsh start asleep", 1, "error: Domain is already active\n"),
    (
        "virsh destroy nope",
        1,
        "error: failed to get domain 'nope'\nerror: Domain not found: xenUnifiedDomainLookupByName",
    ),
    (
        "virsh suspend spare",
        1,
        "error: Failed to suspend domain spare\nerror: Requested operation is not valid",
    ),
    ("virsh frob", 1, "error: unknown command: 'frob'\n"),
    ("virsh start", 1, "error: command requires <domain> option\n"),
    (
        "virsh -c qemu:///system list",
        1,
        "error: no connection driver available for qemu:///system\nerror: failed to connect",
    ),
]


@pytest.mark.parametrize(("line", "status", "text"), REFUSALS)
def test_refusal(shells, line, status, text):
    done = shells.run(line)
    assert (done.status, done.out.replace('Using config file "/etc/xen/web".\n', "")) == (
        status,
        "",
    )
    assert done.err.startswith(text)


SUCCESSES = [
    ("virsh start spare", "Domain spare started\n\n"),
    ("virsh shutdown web", "Domain web is being shutdown\n\n"),
    ("virsh reboot web", "Domain web is being rebooted\n\n"),
    ("virsh destroy asleep", "Domain asleep destroyed\n\n"),
    ("virsh suspend web", "Domain web suspended\n\n"),
    ("virsh resume asleep", "Domain asleep resumed\n\n"),
    ("virsh save web /root/x", "Domain web saved to /root/x\n\n"),
    ("virsh domstate asleep", "paused\n\n"),
    ("virsh undefine spare", "Domain spare has been undefined\n\n"),
    ("virsh autostart web", "Domain web marked as autostarted\n\n"),
    ("virsh migrate --live web xen+ssh://root@beta/", "\n"),
    ("xm create spare", 'Using config file "/etc/xen/spare".\nStarted domain spare\n'),
    ("xm shutdown -w web", "Domain web terminated\nAll domains terminated\n"),
    ("xm reboot -w web", "Domain web rebooted\nAll domains rebooted\n"),
    ("xm pause web", ""),
    ("xm unpause asleep", ""),
    ("xm destroy web", ""),
    ("xm migrate -l web beta", ""),
    ("xm mem-set web 300", ""),
    ("xm vcpu-set web 1", ""),
    ("xm rename web www", ""),
    ("xm save web /root/x", ""),
]


@pytest.mark.parametrize(("line", "text"), SUCCESSES)
def test_success(shells, line, text):
    done = shells.run(line)
    assert (done.status, done.out, done.err) == (0, text, "")


def test_console_suspend_and_resume():
    world = _world()
    with Shells(world) as shells:
        assert shells.run("virsh suspend web").status == 0
        assert "--p---" in shells.run("xm list web").out
        assert shells.run("xm unpause web").status == 0
        assert shells.run("virsh domstate web").out == "idle\n\n"


def test_a_file_makes_a_guest_and_its_removal_unmakes_it():
    world = _world()
    with Shells(world) as shells:
        text = 'name = "hand"\\nmemory = "256"\\nvcpus = 2\\n'
        assert shells.run(f"printf '{text}' > /etc/xen/hand").status == 0
        assert "hand                 shut off" in shells.run("virsh list --all").out
        assert shells.run("xm create hand vcpus=1 memory=300").status == 0
        domain = host_of(world).find("hand")
        assert (domain.memory, domain.vcpus) == (300, 1)
        host_of(world).system.files.write(f"{FOLDER}/broken", b"name = (")
        assert "broken" not in shells.run("virsh list --all").out
        broken = shells.run("xm create broken")
        assert broken.status == 1
        assert "invalid syntax" in broken.err


def test_daemons_that_are_down():
    world = _world()
    with Shells(world) as shells:
        stop = {"kind": "service.stop", "server": "alpha", "service": "xend"}
        world.execute(decode(stop))
        done = shells.run("xm list")
        why = "Error: Unable to connect to xend: No such file or directory. Is xend running?\n"
        assert (done.status, done.err) == (1, why)
        assert "failed to connect to xend" in shells.run("virsh list").err
        assert states(world)["alpha"]["web"] == "blocked"


def test_others_than_root_need_root():
    with Shells(world_of(skip=True, accounts=[{"user": "root"}, {"user": "joe"}])) as shells:
        assert "root access" in shells.run("xm list", account="joe").err


def test_what_changes_something_is_told_apart():
    with Shells(_world()) as shells:
        for line in ("xm list", "virsh list", "xm pause web", "virsh destroy web"):
            shells.run(line)
        seen = [(entry.call, entry.is_write) for entry in shells.wirelog.entries()]
        assert seen == [
            ("xm list", False),
            ("virsh list", False),
            ("xm pause", True),
            ("virsh destroy", True),
        ]
        shells.run("virsh -q", stdin="list\nstart spare\nquit\n")
        assert ("virsh start", True) in [
            (entry.call, entry.is_write) for entry in shells.wirelog.entries()
        ]


WORDS = st.one_of(
    st.sampled_from(
        [
            *("xm", "virsh", "list", "create", "destroy", "shutdown", "-w", "--long", "--all"),
            *("web", "asleep", "spare", "0", "1", "/etc/xen/web", "migrate", "save", "restore"),
            *("mem-set", "define", "dumpxml", "--live", "-c", "xen:///", "domid", "vcpu-list"),
        ]
    ),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["xm", "virsh", "nc"]), st.lists(WORDS, max_size=6))
def test_any_command_line_gets_an_answer(program, words):
    with Shells(world_of(skip=True)) as shells:
        done = shells.run(" ".join([program, *map(shlex.quote, words)]))
    assert 0 <= done.status < 256
    assert "Traceback" not in done.err
