"""The formats of zoneadm list, release by release."""

import time

import pytest

from zonelabs import PROFILES, shell

PARSABLE = {
    "solaris-10": "1:web:running:/zones/web:{uuid}:native:shared",
    "solaris-11": "1:web:running:/zones/web:{uuid}:solaris:excl:-::",
    "omnios": "1:web:running:/zones/web:{uuid}:lipkg:shared",
}
GLOBAL = {
    "solaris-10": "0:global:running:/::native:shared",
    "solaris-11": "0:global:running:/::solaris:shared:-:none:",
    "omnios": "0:global:running:/::ipkg:shared",
}
TEN = (
    "  ID NAME             STATUS     PATH                           BRAND    IP    \n"
    "   1 web              running    /zones/web                     native   shared\n"
)
ELEVEN = (
    "  ID NAME             STATUS      PATH                         BRAND      IP    \n"
    "   1 web              running     /zones/web                   solaris    excl  \n"
)
FIELDS = {"solaris-10": 7, "solaris-11": 10, "omnios": 7}


@pytest.mark.parametrize("profile", PROFILES)
def test_parsable(profile):
    with shell(profile) as host:
        lines = host("zoneadm list -cp").out.splitlines()
        uuid = host.zones.zones["web"].uuid
        assert lines[0] == GLOBAL[profile]
        assert lines[1] == PARSABLE[profile].format(uuid=uuid)
        assert {line.count(":") + 1 for line in lines} == {FIELDS[profile]}


@pytest.mark.parametrize(
    ("switches", "fields"),
    [
        ({}, 10),
        ({"list-shows-auxiliary-state": False}, 9),
        ({"list-shows-auxiliary-state": False, "list-shows-protection": False}, 7),
        ({"list-shows-debug-id": True}, 11),
    ],
)
def test_fields_can_be_switched(switches, fields):
    with shell("solaris-11", behaviours=switches) as host:
        line = host("zoneadm -z web list -p").out.strip("\n")
        assert line.count(":") + 1 == fields


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("solaris-10", TEN),
        ("solaris-11", ELEVEN),
    ],
)
def test_verbose(profile, expected):
    with shell(profile) as host:
        assert host("zoneadm -z web list -v").out == expected


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ("", ["global", "web", "set", "dead"]),
        ("-i", ["global", "web", "set", "dead", "db"]),
        ("-c", ["global", "web", "set", "dead", "db", "new", "half"]),
        ("-n", ["web", "set", "dead"]),
    ],
)
def test_selection_and_order(options, names):
    with shell() as host:
        assert host(f"zoneadm list {options}").out.splitlines() == names


def test_manual_and_source_disagree_about_incomplete_zones():
    with shell(behaviours={"list-installed-shows-incomplete": True}) as host:
        assert "half" in host("zoneadm list -i").out.splitlines()


def test_colon_in_a_path_is_escaped():
    zones = [{"name": "odd", "state": "configured", "zonepath": "/zones/a:b"}]
    with shell(zones=zones) as host:
        assert (
            host("zoneadm list -cp").out.splitlines()[1]
            == "-:odd:configured:/zones/a\\:b::native:shared"
        )


@pytest.mark.parametrize(
    "line", ["list -c extra", "-z web list -c", "-z web list -i", "list -x", "", "list -pv"]
)
def test_usage(line):
    with shell() as host:
        answer = host(f"zoneadm {line}")
        assert (answer.status, answer.out) == (2, "")
        assert "usage:" in answer.err


def test_help_on_stdout():
    with shell() as host:
        answer = host("zoneadm -?")
        assert (answer.status, answer.err) == (0, "")
        assert answer.out.startswith("usage:\tzoneadm help\n")


def test_by_uuid():
    with shell() as host:
        uuid = host.zones.zones["db"].uuid
        assert host(f"zoneadm -u {uuid} list").out == "db\n"
        answer = host("zoneadm -u junk list")
        assert answer.err == "zoneadm: illegal UUID value specified\n"


def test_a_thousand_zones_are_listed_in_no_time():
    with shell(zones=1_000) as host:
        host("zoneadm list -cp")
        spent = []
        for _ in range(5):
            before = time.perf_counter()
            text = host("zoneadm list -cp").out
            spent.append(time.perf_counter() - before)
        assert len(text.splitlines()) == 1_001
        # The bar is 20 ms; a busy machine is allowed ten times that.
        assert min(spent) < 0.2


def test_in_a_zone_only_the_zone_itself_is_seen():
    with shell() as host:
        assert host("zlogin web zoneadm list -cp").out.startswith("1:web:running:")
        assert host("zlogin web zoneadm list -cp").out.count("\n") == 1
        answer = host("zlogin web zoneadm -z web halt")
        assert answer.err == "zoneadm: zone 'web': use halt(1M) to halt this zone.\n"
