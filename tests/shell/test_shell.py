"""The shell with its host: programs, users, the world, the wire log."""

import threading

import pytest

from hvsim.clock import Clock, ClockMode
from hvsim.errors import Refusal
from hvsim.operations import Stage
from hvsim.pump import Pump
from hvsim.systems import Account, add_system
from hvsim.world import World
from hvsim_fakes.shell.local import run_command
from hvsim_fakes.shell.program import Host, Process, Registry
from hvsim_fakes.shell.standard import STANDARD
from hvsim_fakes.wirelog import WireLog
from shell_boxes import plain_host


@pytest.fixture
def host() -> Host:
    return plain_host()


def with_program(host: Host, program, *names: str, **how) -> Host:
    host.registry.add(program, *names, **how)
    return host


def test_program_gets_argv_streams_environment_and_place(host: Host) -> None:
    seen = {}

    def look(process: Process) -> int:
        seen.update(argv=process.argv, cwd=process.cwd, env=dict(process.env))
        process.out(process.stdin.read())
        process.err("to stderr\n")
        return 7

    with_program(host, look, "/usr/sbin/look")
    found = run_command(host, "cd /tmp; A=1 look 'a b' c | tr a-z A-Z; echo in | look x")
    assert seen["argv"] == ["look", "x"]
    assert seen["cwd"] == "/tmp"
    assert seen["env"]["HOME"] == "/root"
    assert found.out == "in\n"
    assert found.err == "to stderr\n" * 2
    assert found.status == 7


def test_program_is_found_by_path_and_seen_as_a_file(host: Host) -> None:
    with_program(host, lambda process: process.out("here\n") or 0, "/usr/sbin/zoneadm")
    line = "zoneadm; /usr/sbin/zoneadm; which zoneadm; test -x /usr/sbin/zoneadm; ls /usr/sbin"
    line += "; PATH=/; zoneadm"
    found = run_command(host, line)
    assert found.out == "here\nhere\n/usr/sbin/zoneadm\nzoneadm\n"
    assert (found.status, found.err) == (127, "sh: zoneadm: not found\n")


def test_refusal_of_the_product_ends_a_program(host: Host) -> None:
    def refuse(_: Process) -> int:
        raise Refusal("no such thing")

    found = run_command(with_program(host, refuse, "xm"), "xm; echo $?")
    assert (found.out, found.err) == ("1\n", "xm: no such thing\n")


def test_wire_log_has_one_entry_for_each_run_of_a_products_program(host: Host) -> None:
    host.wirelog = WireLog()
    with_program(
        host,
        lambda process: len(process.argv) - 2,
        "/usr/sbin/xm",
        writes=lambda argv: argv[1:2] == ["start"],
        label=lambda argv: " ".join(argv[:2]),
    )
    run_command(host, "xm list; echo x | cat; for g in a b; do xm start $g; done")
    found = [(one.call, one.is_write, one.outcome) for one in host.wirelog.entries()]
    assert found == [("xm list", False, "ok")] + [("xm start", True, "exit 1")] * 2
    assert host.wirelog.entries()[1].params == {"argv": ["xm", "start", "a"]}
    assert host.wirelog.entries()[0].endpoint == "box1/h1"


def test_program_waits_for_an_operation_while_others_go_on() -> None:
    world = World(1, Clock(ClockMode.SKIP_IDLE))
    system = add_system(world, "box/h1", "h1", [Account("root", 0, 0, home="/root")])
    registry = Registry(STANDARD)

    @registry.program("install")
    def install(process: Process) -> int:
        def steps():
            for number in range(3):
                yield Stage("copy", 100.0, (number + 1) / 3)

        with process.world.access():
            operation = process.world.operations.start("install", "box/z", steps())
        process.wait(operation)
        process.out("installed\n")
        return 0

    host = Host(world, system, registry, "box", "box1")
    pump = Pump(world)
    pump.start()
    try:
        found = run_command(host, "install & sleep 10; date +%s; install | cat; wait; date +%s")
    finally:
        pump.stop()
    first, *_, last = found.out.split()
    assert found.out.count("installed") == 2
    assert int(first) == int(host.epoch) + 10
    assert int(last) == int(host.epoch) + 310


def test_sleep_waits_for_simulated_time_alone(host: Host) -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(run_command(host, "sleep 3600; echo up")))
    thread.start()
    world = host.world
    while not world.operations.running:
        thread.join(0.01)
    world.advance(3_599.0)
    assert world.operations.running
    world.advance(1.0)
    thread.join(20)
    assert found[0].out == "up\n"


def test_ordinary_user_is_held_back_by_permissions(host: Host) -> None:
    run_command(
        host, "echo secret >/root/s; chmod 600 /root/s; echo pub >/tmp/p; mkdir -m 700 /tmp/d"
    )
    found = run_command(
        host,
        "cat /root/s; echo x >/etc/f; cat /tmp/p; rm -rf /etc; echo mine >f; cat f; id -un",
        account="bob",
    )
    assert found.out == "pub\nmine\nbob\n"
    assert found.err.count("Permission denied") == 3


def test_files_outlive_command_lines_and_are_replayed(host: Host) -> None:
    run_command(
        host,
        "mkdir -p /export/z; echo one >/export/z/f; echo two >>/export/z/f; ln -s f /export/z/l",
    )
    assert run_command(host, "cat /export/z/l").out == "one\ntwo\n"
    again = plain_host()
    again.world.replay(host.world.journal.entries, until=host.world.now)
    assert again.world.log.digest == host.world.log.digest
    assert again.system.files.read("/export/z/l") == b"one\ntwo\n"


def test_shell_of_another_host_sees_its_own_root(host: Host) -> None:
    def enter(process: Process) -> int:
        inner = Host(
            process.world,
            process.host.system,
            Registry(STANDARD),
            "box",
            "box1",
            root="/zones/z1",
            nodename="z1",
        )
        return process.shell(process.argv[1], host=inner)

    with_program(host, enter, "enter")
    inside = "hostname; pwd; echo in >/etc/f; ls /; cat /../etc/s; cat ../../../etc/s; exit 4"
    line = f"mkdir -p /zones/z1/etc /zones/z1/root; echo secret >/etc/s; enter '{inside}'"
    found = run_command(host, line)
    assert found.status == 4
    assert found.out == "z1\n/root\netc\nroot\n"
    assert host.system.files.read("/zones/z1/etc/f") == b"in\n"


def test_link_inside_a_root_does_not_lead_out(host: Host) -> None:
    run_command(host, "mkdir -p /zones/z1/etc; echo secret >/etc/s; ln -s /etc/s /zones/z1/etc/l")
    assert run_command(host, "cat /zones/z1/etc/l").out == "secret\n"
    inner = Host(host.world, host.system, host.registry, "box", "box1", root="/zones/z1")
    assert run_command(inner, "cat /etc/l").err.endswith("No such file or directory\n")


def test_bytes_pass_unharmed(host: Host) -> None:
    data = bytes(range(256)) * 300
    found = run_command(host, "cat >/tmp/b; cat /tmp/b | cat", data)
    assert found.out.encode("utf-8", "surrogateescape") == data


def test_pipe_holds_more_than_its_size(host: Host) -> None:
    assert run_command(host, "seq 100000 | cat | tail -1").out == "100000\n"


def test_bash_hosts_do_not_heed_backslashes_in_echo(host: Host) -> None:
    host.echo_escapes = False
    host.not_found = "{shell}: {name}: command not found"
    found = run_command(host, r"echo 'a\tb'; echo -e 'a\tb'; xyz")
    assert found.out == "a\\tb\na\tb\n"
    assert found.err == "sh: xyz: command not found\n"


def test_lines_that_ansible_sends_are_understood(host: Host) -> None:
    place = "/root/.ansible/tmp"
    made = f'mkdir -p "` echo {place} `"&& mkdir "` echo {place}/t-1 `"'
    line = f"/bin/sh -c '( umask 77 && {made} && echo t-1=\"` echo {place}/t-1 `\" ) && sleep 0'"
    assert run_command(host, line).out == "t-1=/root/.ansible/tmp/t-1\n"
    assert run_command(host, "/bin/sh -c 'echo ~root && sleep 0'").out == "/root\n"
    assert run_command(host, "ls -ld .ansible/tmp/t-1").out.startswith("drwx------")
    assert run_command(host, "/bin/sh -c 'rm -f -r .ansible/tmp/t-1/ > /dev/null 2>&1'").status == 0
    assert run_command(host, "ls .ansible/tmp").out == ""
