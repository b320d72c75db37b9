"""Many clients at once, and what the server bounds."""

import asyncio
import time
from collections.abc import Iterator

import asyncssh
import pytest

from hvsim.hardware import Silence
from hvsim_fakes.lab import Lab
from hvsim_fakes.shell.limits import ShellLimits
from hvsim_fakes.ssh.limits import SshLimits
from hvsim_fakes.ssh.transfer import Transfer
from ssh_boxes import PASSWORD, Boxes, build, lab_of


@pytest.fixture
def lab() -> Iterator[Lab]:
    with lab_of(build(hosts=2)) as running:
        yield running


def connect(lab: Lab, host: str = "h1", **how):
    address, port = lab.ssh_address("boxes", host)
    return asyncssh.connect(
        address,
        port,
        known_hosts=None,
        username="root",
        password=PASSWORD,
        config=None,
        client_keys=None,
        agent_path=None,
        **how,
    )


def test_two_hundred_connections_are_all_served(lab: Lab) -> None:
    async def one(number: int) -> str:
        async with connect(lab, f"h{number % 2 + 1}") as connection:
            done = await connection.run(f"echo {number}; hostname")
            return str(done.stdout)

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(one(number) for number in range(200)))

    found = asyncio.run(all_of_them())
    assert found == [f"{number}\nh{number % 2 + 1}\n" for number in range(200)]


def test_three_hundred_commands_at_once_on_one_connection(lab: Lab) -> None:
    async def all_of_them() -> list[str]:
        async with connect(lab) as connection:
            runs = [connection.run(f"guests | wc -l; echo {n}") for n in range(300)]
            return [str(done.stdout) for done in await asyncio.gather(*runs)]

    found = asyncio.run(all_of_them())
    assert [text.split() for text in found] == [["1000", str(n)] for n in range(300)]


def test_client_that_reads_nothing_holds_up_nobody(lab: Lab) -> None:
    async def check() -> str:
        async with connect(lab) as connection:
            slow = await connection.create_process("while :; do guests; done", window=16_384)
            for _ in range(5):
                done = await connection.run("guests | tail -1")
            slow.close()
            return str(done.stdout)

    assert asyncio.run(check()) == "999:guest999:running\n"


def test_what_is_beyond_the_limits_is_refused() -> None:
    limits = SshLimits(connections=3, channels=2, shell=ShellLimits(output=50_000))

    async def check(lab: Lab) -> None:
        held = [await connect(lab) for _ in range(3)]
        with pytest.raises((OSError, asyncssh.Error)):
            await connect(lab)
        first = held[0]
        open_ones = [await first.create_process("cat") for _ in range(2)]
        with pytest.raises(asyncssh.ChannelOpenError):
            await first.create_process("cat")
        for one in open_ones:
            one.stdin.write_eof()
            await one.wait()
        assert (await first.run("yes")).exit_status == 128 + 25
        held.pop().abort()
        async with asyncio.timeout(20):
            while True:
                try:
                    held.append(await connect(lab))
                    break
                except (OSError, asyncssh.Error):
                    await asyncio.sleep(0)
        for one in held:
            one.abort()

    with lab_of(build(), limits) as lab:
        asyncio.run(check(lab))


def test_idle_connection_is_closed() -> None:
    async def check(lab: Lab) -> None:
        async with connect(lab) as connection:
            assert (await connection.run("echo x")).stdout == "x\n"
            gate = lab._gates._gates["boxes", "h1"]
            gate.loop.call(gate._look_for_idle)
            async with asyncio.timeout(20):
                await connection.wait_closed()

    with lab_of(build(), SshLimits(idle_seconds=0.0)) as lab:
        asyncio.run(check(lab))


def test_dead_host_refuses_silent_host_says_nothing_and_both_come_back(lab: Lab) -> None:
    boxes: Boxes = lab.world.products["boxes"]

    async def check() -> None:
        connection = await connect(lab)
        assert (await connection.run("echo up")).stdout == "up\n"
        boxes.become(Silence.REFUSED)
        await connection.wait_closed()
        with pytest.raises(ConnectionRefusedError):
            await connect(lab)
        boxes.become(None)
        connection = await connect(lab)
        boxes.become(Silence.DROPPED)
        with pytest.raises((TimeoutError, asyncssh.Error)):
            await connect(lab, login_timeout=0.5, connect_timeout=0.5)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await connection.run("echo nothing")
        assert not connection.is_closed()
        boxes.become(None)
        async with asyncio.timeout(20):
            await connection.wait_closed()
        async with connect(lab) as again:
            assert (await again.run("echo back")).stdout == "back\n"

    asyncio.run(check())


def test_slow_link_delays_every_command(lab: Lab) -> None:
    lab.world.products["boxes"].servers[0].latency = 30.0

    async def check() -> None:
        async with connect(lab) as connection:
            before = lab.world.now
            await connection.run("true")
            assert lab.world.now >= before + 30.0

    asyncio.run(check())


def test_rewound_lab_has_its_files_as_they_were(lab: Lab) -> None:
    again = build(hosts=2)

    async def write() -> None:
        async with connect(lab) as connection:
            await connection.run("echo kept >/etc/kept; sleep 5; echo late >/etc/late")

    asyncio.run(write())
    again.replay(lab.world.journal.entries)
    files = again.products["boxes"].systems[0].files
    assert files.read("/etc/kept") == b"kept\n"
    assert files.read("/etc/late") == b"late\n"


def test_every_method_of_the_librarys_file_server_is_replaced() -> None:
    # One that is not would reach for the files of the machine.
    inherited = {
        name
        for name, value in vars(asyncssh.SFTPServer).items()
        if callable(value) and not name.startswith("_")
    }
    harmless = {"format_longname", "convert_attrs"}
    assert inherited - vars(Transfer).keys() <= harmless


def test_stopping_a_lab_ends_what_runs_in_it() -> None:
    lab = lab_of(build())
    lab.start()

    async def hang() -> None:
        connection = await connect(lab)
        await connection.create_process("cat; sleep 100000; while :; do :; done")
        began = time.monotonic()
        await asyncio.to_thread(lab.stop)
        assert time.monotonic() - began < 15
        async with asyncio.timeout(20):
            await connection.wait_closed()

    asyncio.run(hang())
