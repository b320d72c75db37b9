"""Installing as it is seen, zlogin, host commands, and what happens without anybody's command."""

import contextlib
import threading

import pytest

from hvsim import saved, scenario
from hvsim.errors import InputError
from hvsim.zones.commands import (
    BootZone,
    HaltZone,
    InsideNodename,
    InsideShutdown,
    InstallZone,
    StickZone,
)
from hvsim.zones.errors import ZoneError
from zonelabs import PROFILES, build, data, settle, shell

LOG = "/zones/new/root/var/sadm/system/logs/install_log"
FIRST = {
    "solaris-10": "Preparing to install zone <new>.",
    "solaris-11": "The following ZFS file system(s) have been created:",
    "omnios": "A ZFS file system has been created for this zone.",
}


@pytest.mark.parametrize("profile", PROFILES)
def test_install_tells_its_progress(profile):
    with shell(profile) as host:
        answer = host("zoneadm -z new install")
        assert (answer.status, answer.err) == (0, "")
        assert answer.out.splitlines()[0] == FIRST[profile]
        assert host.zones.zones["new"].uuid


def test_old_install_text():
    with shell() as host:
        lines = host("zoneadm -z new install").out.replace("\r", "\n").splitlines()
        assert [line for line in lines if "percent" not in line and line] == [
            "Preparing to install zone <new>.",
            "Creating list of files to copy from the global zone.",
            "Copying <2568> files to the zone.",
            "Initializing zone product registry.",
            "Determining zone package initialization order.",
            "Preparing to initialize <1196> packages on the zone.",
            "Initialized <1196> packages on zone.",
            "Zone <new> is initialized.",
            f"The file <{LOG}> contains a log of the zone installation.",
        ]


def test_install_is_seen_under_way():
    world = build()
    host = world.product("sol1")
    operation = world.execute(InstallZone(host="sol1", zone="new"))
    world.advance(10)
    zone = host.zones["new"]
    assert (zone.state, zone.phases[-1][0], operation.done) == ("incomplete", "files", False)
    settle(world)
    assert zone.state == "installed"


def test_broken_install_leaves_it_incomplete():
    with shell() as host:
        from hvsim.stages import OperationFailNext

        rule = OperationFailNext(
            operation="zone.install", stage="copy", error=["no-space", "/zones"]
        )
        host.world.execute(rule)
        answer = host("zoneadm -z new install")
        assert answer.status == 1
        assert answer.err == "zoneadm: zone 'new': /zones: No space left on device\n"
        assert host.state("new") == "incomplete"
        assert host("zoneadm -z new uninstall -F").status == 0


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("zlogin nix date", "zone 'nix' unknown"),
        ("zlogin global date", "'zlogin' not applicable to the global zone"),
        ("zlogin new date", "cannot login to a zone which is 'configured'"),
        ("zlogin half date", "cannot login to a zone which is 'incomplete'"),
        ("zlogin db date", "login allowed only to running zones (db is 'installed')."),
        ("zlogin set date", "login allowed only to running zones (set is 'ready')."),
    ],
)
def test_zlogin_refuses(line, text):
    with shell() as host:
        answer = host(line)
        assert (answer.status, answer.err) == (1, f"zlogin: {text}\n")


def test_zlogin_runs_a_command():
    with shell() as host:
        assert host("zlogin web zonename").out == "web\n"
        assert host("zlogin web 'exit 7'").status == 7
        assert host("zlogin web 'echo out; echo err >&2'").err == "err\n"
        assert host("zonename").out == "global\n"
        answer = host("zlogin web zlogin web true")
        assert answer.err == "zlogin: 'zlogin' may only be used from the global zone\n"


def test_files_of_a_zone_are_its_own():
    with shell() as host:
        host("zlogin web 'echo hi > /etc/motd'")
        files = host.zones.system.files
        assert files.read("/zones/web/root/etc/motd") == b"hi\n"
        assert not files.exists("/etc/motd")
        assert host("zlogin web 'echo x > /../../up'").status == 0
        assert not files.exists("/up")


def test_console():
    with shell() as host:
        answer = host("zlogin -C db", "~.\n")
        assert answer.out.startswith("[Connected to zone 'db' console]\n")
        assert answer.out.endswith("[Connection to zone 'db' console closed]\n")
        assert "inside console login: " in host("zlogin -C web", "").out


def test_console_login_comes_up_after_the_boot():
    with shell() as host:
        host("zoneadm -z db boot")
        assert "/dev/console" not in host("ps -z db -o args").out
        settle(host.world)
        assert "/dev/console" in host("ps -z db -o args").out
        assert host("ps -z nix").status == 1


def test_shutdown_from_inside():
    with shell() as host:
        assert host("zlogin web init 5").status == 0
        settle(host.world)
        assert host.state("web") == "installed"
        host.world.execute(BootZone(host="sol1", zone="web"))
        settle(host.world)
        before = host.zones.zones["web"].boots
        host.world.execute(InsideShutdown(host="sol1", zone="web", reboot=True))
        settle(host.world)
        assert (host.state("web"), host.zones.zones["web"].boots) == ("running", before + 1)


def test_stuck_zone_stays_down_until_it_is_mended():
    with shell() as host:
        host.world.execute(StickZone(host="sol1", zone="web"))
        assert host("zoneadm -z web halt").status == 1
        assert host.state("web") == "down"
        host.world.execute(StickZone(host="sol1", zone="web", stuck=False))
        assert host("zoneadm -z web halt").status == 0
        assert host.state("web") == "installed"


def test_nodename_is_not_the_name():
    with shell() as host:
        host.world.execute(InsideNodename(host="sol1", zone="web", nodename="other"))
        assert host.zones.nodename(host.zones.zones["web"]) == "other"
        assert "web" in host("zoneadm list").out.splitlines()


def test_crash_and_return_of_the_machine():
    from hvsim.faults import ServerBoot, ServerCrash

    zones = [{"name": "a", "autoboot": True}, {"name": "b"}, {"name": "c", "state": "configured"}]
    world = build(zones=zones)
    host = world.product("sol1")
    world.execute(HaltZone(host="sol1", zone="a"))
    world.execute(ServerCrash(server="sol1"))
    settle(world)
    assert [zone.state for zone in host.zones.values()] == ["installed", "installed", "configured"]
    assert host.answers() is not None
    world.execute(ServerBoot(server="sol1"))
    settle(world)
    assert [zone.state for zone in host.zones.values()] == ["running", "installed", "configured"]
    assert host.zones["a"].id == 1
    assert host.answers() is None


def test_host_commands():
    with shell() as host:
        assert host("isainfo -k").out == "amd64\n"
        assert host("psrinfo").out.count("on-line") == 8
        assert "Memory size: 32768 Megabytes" in host("prtconf").out
        assert host("zfs list -H -o name rpool/zones/web").out == "rpool/zones/web\n"
        assert host("zfs list nix").err == "cannot open 'nix': dataset does not exist\n"
        assert host("svcs -H -o state ssh").out == "online\n"
        assert host("pkginfo -q SUNWnone").status == 1
        assert host("df -k /zones/web").out.splitlines()[1].endswith("/zones/web")


def test_lab_is_the_same_again_when_replayed():
    world = scenario.build(scenario.from_data(data("solaris-11")))
    for command in (
        InstallZone(host="sol1", zone="new"),
        HaltZone(host="sol1", zone="web"),
        InsideNodename(host="sol1", zone="db", nodename="x"),
        BootZone(host="sol1", zone="half"),
    ):
        with contextlib.suppress(ZoneError):
            world.execute(command)
        world.advance(17.5)
    again = saved.restore(saved.parse(saved.save(world)))
    assert again.log.digest == world.log.digest


def test_zones_live_by_themselves():
    table = data(zones=20)
    table["activity"] = {"stops": 10, "reboots": 10, "migrations": 10, "off": 60}
    world = scenario.build(scenario.from_data(table))
    world.advance(86_400)
    kinds = [event.kind for event in world.log.since(0)]
    assert "crash" not in kinds
    assert kinds.count("mod") > 100


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"profile": "solaris-12"}, "profile"),
        ({"zones": [{"name": "global"}]}, "expected a zone's name"),
        ({"zones": [{"name": "a"}, {"name": "a"}]}, "expected each zone once"),
        ({"zones": [{"name": "a", "zonepath": "rel"}]}, "expected an absolute path"),
        ({"zones": [{"name": "a", "brand": "nix"}]}, "brand: expected one of"),
        ({"behaviours": {"zoneadm-has-shutdwon": True}}, "did you mean 'zoneadm-has-shutdown'"),
    ],
)
def test_bad_tables(change, sentence):
    table = data()
    table["solaris"][0] |= change
    with pytest.raises(InputError, match=sentence):
        scenario.from_data(table)


def test_two_commands_at_once():
    with shell() as host:
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(host("zoneadm -z web reboot")))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status for answer in answers} <= {0, 1}
        assert any(answer.status == 0 for answer in answers)
        assert host.state("web") == "running"
        assert host.zones.zones["web"].busy is None


def test_kernel_statistics_by_name_and_by_pattern():
    with shell() as sh:
        assert sh("kstat -p unix:0:system_misc:boot_time").out == (
            "unix:0:system_misc:boot_time\t1230768000\n"
        )
        chips = sh("kstat -p -m cpu_info -s chip_id").out.splitlines()
        assert chips == [f"cpu_info:{n}:cpu_info{n}:chip_id\t0" for n in range(8)]
        block = sh("kstat cpu_info:3").out.splitlines()
        assert block[0].split() == ["module:", "cpu_info", "instance:", "3"]
        assert block[2].split(None, 1)[0] == "brand"
        assert sh("kstat -p nothing").status == 1


def test_interfaces_of_a_host_and_of_a_zone():
    zones = [{"name": "web", "address": "10.1.2.3/16"}, {"name": "db", "state": "installed"}]
    with shell(zones=zones) as sh:
        shown = sh("ifconfig -a").out
        assert "e1000g0: flags=" in shown
        assert "\tinet 127.0.0.11 netmask ffffff00 \n" in shown
        assert "e1000g0:1: " in shown
        assert "\tzone web\n\tinet 10.1.2.3 netmask ffff0000 \n" in shown
        assert "zone db" not in shown
        inside = sh("zlogin web ifconfig -a").out
        assert "10.1.2.3" in inside
        assert "127.0.0.11" not in inside
        assert "no such interface" in sh("ifconfig net9").err


def test_a_hosts_own_files_tell_its_accounts_and_release():
    with shell("omnios", accounts=[{"user": "root"}, {"user": "bob"}]) as sh:
        assert sh("cut -d: -f1,3 /etc/passwd").out == "root:0\nbob:101\n"
        assert "OmniOS" in sh("head -1 /etc/release").out
        assert sh("swap -s").out.startswith("total: ")


def test_zoneadm_in_a_zone_knows_that_zone_alone():
    with shell() as sh:
        assert sh("zlogin web zoneadm list -cp").out.split(":")[:4] == ["1", "web", "running", "/"]
        told = sh("zlogin web 'zoneadm -z web halt'").err
        assert told == "zoneadm: zone 'web': use halt(1M) to halt this zone.\n"
        told = sh("zlogin web 'zoneadm -z web boot'").err
        assert told == "zoneadm: zone 'web': must be in the global zone to boot a zone.\n"


def test_zlogin_tells_what_does_not_go_together():
    with shell() as sh:
        told = sh("zlogin -C web ls")
        assert told.status == 2
        assert told.err.startswith("zlogin: Commands may not be specified for console login.\n")
        told = sh("zlogin -S -l bob web")
        assert told.err.startswith("zlogin: -l may not be specified for failsafe login\nusage:")
