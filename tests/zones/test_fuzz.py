"""Any command line gets an answer in the products' words, in time, and breaks nothing."""

import shlex

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zonelabs import PROFILES, shell

PROGRAMS = ["zoneadm", "zonecfg", "zlogin", "zonename", "ps", "zfs", "df", "psrinfo", "svcs"]
PROGRAMS += ["prtconf", "pkginfo", "isainfo", "dladm"]
VERBS = "list boot halt ready reboot shutdown install uninstall clone move detach attach mark"
WORDS = [
    *VERBS.split(),
    "verify",
    "help",
    "-z",
    "-u",
    "-c",
    "-p",
    "-v",
    "-F",
    "-f",
    "-C",
    "-S",
    "-l",
]
WORDS += ["web", "db", "new", "half", "dead", "global", "nix", "incomplete", "--", "-?", "-", "-o"]
WORDS += ["create", "set", "zonepath=/z", ";", "export", "info", "/zones/x", "root", "exit 3", "-x"]
LINES = st.tuples(
    st.sampled_from(PROGRAMS), st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=6)
)


@pytest.mark.parametrize("profile", PROFILES)
def test_command_lines(profile):
    with shell(profile) as host:

        @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
        @given(line=LINES)
        def holds(line):
            program, words = line
            text = shlex.join([program, *(word.replace("\x00", "") for word in words)])
            answer = host(text)
            assert 0 <= answer.status < 128, text
            assert "Traceback" not in answer.err

        holds()
        crashes = [event for event in host.world.log.since(0) if event.kind == "crash"]
        assert not crashes
        busy = [zone.name for zone in host.zones.zones.values() if zone.busy is not None]
        assert not busy


def test_typed_at_a_console():
    with shell() as host:

        @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
        @given(typed=st.text(max_size=40))
        def holds(typed):
            answer = host("zlogin -C web", typed.encode("utf-8", "surrogatepass"))
            assert answer.status == 0

        holds()
