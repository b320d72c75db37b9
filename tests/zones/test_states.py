"""Every subcommand of zoneadm on a zone in every state."""

import pytest

from zonelabs import PROFILES, ZONES, shell

STATES = {
    "configured": "new",
    "incomplete": "half",
    "installed": "db",
    "ready": "set",
    "running": "web",
    "down": "dead",
}
_LESS = "must be installed before {verb}."
_ASKED = "zone is incomplete; uninstall required."

# verb: state -> (status, the message or None, the state afterwards)
TABLE = {
    "boot": {
        "configured": (1, _LESS, "configured"),
        "incomplete": (1, _LESS, "incomplete"),
        "installed": (0, None, "running"),
        "ready": (0, None, "running"),
        "running": (0, "zone is already booted", "running"),
        "down": (0, "zone is already booted", "down"),
    },
    "ready": {
        "configured": (1, _LESS, "configured"),
        "incomplete": (1, _LESS, "incomplete"),
        "installed": (0, None, "ready"),
        "ready": (0, "zone is already ready", "ready"),
        "running": (0, None, "ready"),
        "down": (1, "unable to destroy zone", "down"),
    },
    "halt": {
        "configured": (1, "cannot manage a zone which is in state 'configured'", "configured"),
        "incomplete": (
            1,
            "halt operation is invalid for zones in state 'incomplete'",
            "incomplete",
        ),
        "installed": (0, "zone is already halted", "installed"),
        "ready": (0, None, "installed"),
        "running": (0, None, "installed"),
        "down": (1, "unable to destroy zone", "down"),
    },
    "reboot": {
        "configured": (1, "not running", "configured"),
        "incomplete": (1, "not running", "incomplete"),
        "installed": (1, "not running", "installed"),
        "ready": (1, "reboot operation is invalid for zones in state 'ready'", "ready"),
        "running": (0, None, "running"),
        "down": (1, "unable to destroy zone", "down"),
    },
    "install": {
        "configured": (0, None, "installed"),
        "incomplete": (1, _ASKED, "incomplete"),
        "installed": (1, "is already installed.", "installed"),
        "ready": (1, "install operation is invalid for ready zones.", "ready"),
        "running": (1, "install operation is invalid for running zones.", "running"),
        "down": (1, "install operation is invalid for down zones.", "down"),
    },
    "uninstall -F": {
        "configured": (1, "is already in state 'configured'.", "configured"),
        "incomplete": (0, None, "configured"),
        "installed": (0, None, "configured"),
        "ready": (1, "uninstall operation is invalid for ready zones.", "ready"),
        "running": (1, "uninstall operation is invalid for running zones.", "running"),
        "down": (1, "uninstall operation is invalid for down zones.", "down"),
    },
    "detach": {
        "configured": (1, _LESS, "configured"),
        "incomplete": (1, _LESS, "incomplete"),
        "installed": (0, None, "configured"),
        "ready": (1, "detach operation is invalid for ready zones.", "ready"),
        "running": (1, "detach operation is invalid for running zones.", "running"),
        "down": (1, "detach operation is invalid for down zones.", "down"),
    },
    "attach": {
        "configured": (1, "/zones/new/root: No such file or directory", "configured"),
        "incomplete": (1, _ASKED, "incomplete"),
        "installed": (1, "is already installed.", "installed"),
        "ready": (1, "attach operation is invalid for ready zones.", "ready"),
        "running": (1, "attach operation is invalid for running zones.", "running"),
        "down": (1, "attach operation is invalid for down zones.", "down"),
    },
    "move /zones/elsewhere": {
        "configured": (1, _LESS, "configured"),
        "incomplete": (1, _LESS, "incomplete"),
        "installed": (0, None, "installed"),
        "ready": (1, "move operation is invalid for ready zones.", "ready"),
        "running": (1, "move operation is invalid for running zones.", "running"),
        "down": (1, "move operation is invalid for down zones.", "down"),
    },
    "clone source": {
        "configured": (0, None, "installed"),
        "incomplete": (1, _ASKED, "incomplete"),
        "installed": (1, "is already installed.", "installed"),
        "ready": (1, "clone operation is invalid for ready zones.", "ready"),
        "running": (1, "clone operation is invalid for running zones.", "running"),
        "down": (1, "clone operation is invalid for down zones.", "down"),
    },
    "mark incomplete": {
        "configured": (0, None, "incomplete"),
        "incomplete": (0, None, "incomplete"),
        "installed": (0, None, "incomplete"),
        "ready": (1, "mark operation is invalid for ready zones.", "ready"),
        "running": (1, "mark operation is invalid for running zones.", "running"),
        "down": (1, "mark operation is invalid for down zones.", "down"),
    },
    "shutdown": {
        "configured": (1, "not running", "configured"),
        "incomplete": (1, "not running", "incomplete"),
        "installed": (1, "not running", "installed"),
        "ready": (1, "shutdown operation is invalid for zones in state 'ready'", "ready"),
        "running": (0, None, "installed"),
        "down": (1, "unable to destroy zone", "down"),
    },
}
CASES = [
    (profile, verb, state)
    for profile in PROFILES
    for verb, row in TABLE.items()
    for state in row
    if (profile, verb) != ("solaris-10", "shutdown")
]


@pytest.fixture
def host(profile):
    with shell(profile, [*ZONES, {"name": "source", "state": "installed"}]) as found:
        yield found


@pytest.mark.parametrize(("profile", "verb", "state"), CASES)
def test_table(host, verb, state):
    zone = STATES[state]
    status, message, after = TABLE[verb][state]
    answer = host(f"zoneadm -z {zone} {verb}")
    assert (answer.status, host.state(zone)) == (status, after)
    if message is None:
        assert answer.err == ""
    else:
        first = answer.err.splitlines()[0]
        assert first == f"zoneadm: zone '{zone}': {message.format(verb=verb.split()[0])}"
    assert host.zones.zones[zone].busy is None


def test_old_release_has_no_shutdown():
    with shell("solaris-10") as host:
        answer = host("zoneadm -z web shutdown")
        assert answer.status == 2
        assert answer.err.startswith("usage:\tzoneadm help\n")
        assert "shutdown" not in answer.err
        assert host.state("web") == "running"


@pytest.mark.parametrize("verb", ["boot", "ready"])
def test_failed_call_of_the_daemon_is_told(verb):
    with shell() as host:
        host.zones.zones["db"].storage = False
        answer = host(f"zoneadm -z db {verb}")
        assert answer.status == 1
        assert answer.err.splitlines()[1] == "zoneadm: zone 'db': call to zoneadmd failed"


def test_one_lock_for_each_zone():
    with shell() as host:
        from hvsim.zones.commands import HaltZone

        host.world.execute(_hold())
        host.world.execute(HaltZone(host="sol1", zone="web"))
        answer = host("zoneadm -z web reboot")
        assert answer.status == 1
        assert "another zoneadm may have an operation in progress." in answer.err
        assert host("zoneadm -z db boot").status == 0


def _hold():
    from hvsim.stages import StageHold

    return StageHold(name="h", operation="zone.halt", stage="processes")


@pytest.mark.parametrize(
    "verb", ["boot", "halt", "install", "uninstall -F", "detach", "mark incomplete"]
)
def test_global_zone_is_left_alone(verb):
    with shell() as host:
        answer = host(f"zoneadm -z global {verb}")
        word = verb.split()[0]
        text = f"zoneadm: zone 'global': {word} operation is invalid for the global zone.\n"
        assert (answer.status, answer.err) == (1, text)


def test_unknown_zone():
    with shell() as host:
        answer = host("zoneadm -z nix boot")
        assert (answer.status, answer.err) == (1, "zoneadm: nix: No such zone configured\n")


def test_only_the_privileged_change_zones():
    accounts = [{"user": "eve", "password": "x"}]
    with shell(accounts=accounts) as host:
        answer = host("zoneadm -z web halt", account="eve")
        assert answer.status == 1
        assert answer.err == "zoneadm: zone 'web': only a privileged user may halt a zone.\n"
        assert host("zoneadm list", account="eve").status == 0
        assert host.state("web") == "running"


def test_a_reboot_gives_a_new_id():
    with shell() as host:
        before = host.zones.zones["web"].id
        assert host("zoneadm -z web reboot").status == 0
        assert host.zones.zones["web"].id > before


def test_uninstall_asks_where_nobody_answers():
    with shell() as host:
        answer = host("zoneadm -z db uninstall")
        text = "Input not from terminal and -F not specified: uninstall not done."
        assert (answer.status, answer.err) == (1, f"zoneadm: zone 'db': {text}\n")


def test_detached_zone_can_be_attached():
    with shell() as host:
        assert host("zoneadm -z db detach && ls /zones/db/SUNWdetached.xml").status in (0, 127)
        assert host.state("db") == "configured"
        assert host("zoneadm -z db attach").status == 0
        assert host.state("db") == "installed"


def test_clone_copies_files():
    with shell() as host:
        host("echo hello > /zones/db/root/etc/motd")
        assert host("zoneadm -z new clone db").out == "Copying /zones/db...\n"
        assert host.zones.system.files.read("/zones/new/root/etc/motd") == b"hello\n"


def test_clone_needs_an_installed_source():
    with shell() as host:
        answer = host("zoneadm -z new clone web")
        text = "zoneadm: zone web is running; installed is required.\n"
        assert (answer.status, answer.err) == (1, text)


def test_directory_that_others_may_read_is_refused():
    with shell() as host:
        host.zones.system.files.make_directories("/zones/new", mode=0o755)
        answer = host("zoneadm -z new install")
        assert answer.status == 1
        assert answer.err.splitlines()[0] == "/zones/new must not be group readable."
        assert answer.err.splitlines()[-1] == "zoneadm: zone new failed to verify"


def test_unavailable_is_a_state_of_the_new_release_alone():
    for profile, state in (("solaris-11", "unavailable"), ("omnios", "installed")):
        with shell(profile) as host:
            from hvsim.zones.commands import ZoneStorage

            host.world.execute(ZoneStorage(host="sol1", zone="db", up=False))
            assert host("zoneadm -z db boot").status == 1
            assert host.state("db") == state
            if profile == "solaris-11":
                host.world.execute(ZoneStorage(host="sol1", zone="db", up=True))
                assert host("zoneadm -z db attach").status == 0
                assert host.state("db") == "installed"
