"""zonecfg: forms, messages, and that what is exported can be read again."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hvsim.zones.commands import ConfigureZone
from hvsim.zones.config import Config, Resource
from hvsim.zones.release import RELEASES
from hvsim.zones.schema import RESOURCES
from hvsim_fakes.zones import zonecfg_words
from zonelabs import PROFILES, shell

WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789._-/:%@+", min_size=1, max_size=12)
PHRASE = st.text("abcXYZ019 ._-/:;,=()[]#'!*\\\t", min_size=1, max_size=16).filter(
    lambda text: text.strip() == text
)


def resources(release):
    return st.lists(
        st.sampled_from([kind for kind in release.resources if kind != "net"]).flatmap(_resource),
        max_size=5,
        unique_by=lambda one: (one.kind, one.key),
    ).map(_without_twins)


def _resource(kind):
    known = RESOURCES[kind]
    fields = {}
    for name in known.properties:
        if name == "value" and kind == "rctl":
            limits = st.integers(1, 10**9)
            each = limits.map(lambda n: f"(priv=privileged,limit={n},action=deny)")
            fields[name] = st.lists(each, min_size=1, max_size=3, unique=True)
        elif name in known.lists:
            fields[name] = st.lists(WORD, min_size=1, max_size=3, unique=True)
        elif name in ("ncpus", "importance"):
            fields[name] = st.integers(1, 999).map(str)
        elif kind == "capped-memory":
            fields[name] = st.integers(1, 999).map("{}M".format)
        elif name == "dir":
            fields[name] = PHRASE.map("/{}".format)
        else:
            fields[name] = PHRASE
    return st.fixed_dictionaries(fields).map(lambda values: Resource(kind=kind, values=values))


def _without_twins(found):
    single = {}
    for one in found:
        key = one.kind if RESOURCES[one.kind].single else (one.kind, one.key)
        single[key] = one
    return list(single.values())


def configs(release):
    free = ("bootargs", "pool", "limitpriv", "scheduling-class", "hostid")
    properties = st.fixed_dictionaries(
        {
            "zonepath": WORD.map(lambda word: f"/z/{word.strip('/')}x"),
            "brand": st.sampled_from(release.brands),
            "autoboot": st.sampled_from(["true", "false"]),
            "ip-type": st.sampled_from(["shared", "exclusive"]),
        },
        optional=dict.fromkeys(free, PHRASE),
    )
    return st.builds(lambda p, r: Config(properties=p, resources=r), properties, resources(release))


@pytest.mark.parametrize("profile", PROFILES)
def test_export_can_be_read_again(profile):
    release = RELEASES[profile]
    with shell(profile, []) as host:

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(config=configs(release))
        def holds(config):
            host.world.execute(ConfigureZone(host="sol1", zone="one", config=config))
            answer = host("zonecfg -z one export > /tmp/x && zonecfg -z two -f /tmp/x")
            assert (answer.status, answer.err) == (0, "")
            one, two = (host.zones.zones[name].config for name in ("one", "two"))
            order = release.resources.index
            expected = sorted(one.resources, key=lambda found: order(found.kind))
            assert two.resources == expected
            assert two.properties == one.properties
            assert host("zonecfg -z two export").out == host("zonecfg -z one export").out
            host("zonecfg -z two delete -F; zonecfg -z one delete -F")

        holds()


VERBS = "create set add end cancel info export select remove clear commit verify exit delete"
MARKS = ["=", "[", "]", "(", ")", ",", '"', ";", "\n", " ", "#", "\x00", "é"]
NOUNS = "-F -b net rctl zonepath address value priv=x autoboot=true"
TOKENS = st.sampled_from([*VERBS.split(), *NOUNS.split(), *MARKS])


@pytest.mark.parametrize("profile", PROFILES)
def test_fuzzed_input_is_never_a_fault(profile):
    with shell(profile, []) as host:

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(text=st.lists(TOKENS | st.text(max_size=5), max_size=25).map(" ".join))
        def holds(text):
            answer = host("zonecfg -z fuzz", text)
            assert answer.status in (0, 1)
            host.zones.system.files.write("/f", text.encode("utf-8", "surrogatepass"))
            assert host("zonecfg -z fuzz -f /f").status in (0, 1)
            host("zonecfg -z fuzz delete -F")

        holds()
        kinds = [event.kind for event in host.world.log.since(0)]
        assert "crash" not in kinds


@given(text=st.text(max_size=60))
def test_words_of_any_line(text):
    for command in zonecfg_words.split(text):
        with contextlib.suppress(zonecfg_words.WordsError):
            line = zonecfg_words.read(command)
            assert line is None or line.verb is not None


def test_piped_input_counts_as_a_conversation():
    with shell() as host:
        for form in ("zonecfg -z z1", "zonecfg -z z1 -f -"):
            answer = host(form, "info\n")
            assert answer.out.startswith("Use 'create' to begin configuring a new zone.\n")
            assert "z1: No such zone configured\n" in answer.err
            assert answer.status == 1


def test_input_named_as_a_file_tells_lines_and_goes_on():
    with shell() as host:
        text = "create -b\nset zonepath=rel\nset zonepath=/zones/z1\nset autoboot=maybe; end\n"
        answer = host("zonecfg -z z1 -f -", text)
        assert answer.err.splitlines() == [
            "On line 2:",
            "rel is not an absolute path.",
            "On line 4:",
            "autoboot value must be 'true' or 'false'.",
            "The end command only makes sense in the resource scope.",
        ]
        assert (answer.status, answer.out) == (1, "")
        assert host.state("z1") == "configured"


def test_one_line():
    with shell() as host:
        answer = host("zonecfg -z z1 'create -b; set zonepath=/zones/z1; set autoboot=true'")
        assert (answer.status, answer.out, answer.err) == (0, "", "")
        assert host("zonecfg -z z1 info autoboot").out == "autoboot: true\n"
        assert host.state("z1") == "configured"


def test_file_says_where_it_stopped():
    with shell() as host:
        host.zones.system.files.write("/c", b"create -b\nset zonepath=rel\nset autoboot=true\n")
        answer = host("zonecfg -z z1 -f /c")
        assert answer.err.splitlines() == [
            "On line 2 of /c:",
            "rel is not an absolute path.",
            "zonepath cannot be empty.",
            "Zone z1 failed to verify",
            "z1: Required resource missing",
            "Configuration not saved.",
        ]
        assert answer.status == 1
        assert host.state("z1") is None


def test_what_stood_before_the_first_error_of_a_file_is_kept():
    with shell() as host:
        host.zones.system.files.write("/c", b"create -b\nset zonepath=/z\nend\nset pool=p\n")
        answer = host("zonecfg -z z1 -f /c")
        assert answer.status == 1
        assert host.zones.zones["z1"].config.zonepath == "/z"
        assert host("zonecfg -z z1 info pool").out == "pool: \n"
        missing = host("zonecfg -z z1 -f /none")
        assert missing.err == "could not open file /none: No such file or directory\n"


def test_a_command_line_goes_on_after_an_error():
    with shell() as host:
        answer = host("zonecfg -z z1 'create -b; end; set zonepath=/z; set autoboot=true'")
        assert answer.err == "The end command only makes sense in the resource scope.\n"
        assert answer.status == 1
        assert host("zonecfg -z z1 info autoboot").out == "autoboot: true\n"


def test_lines_that_are_no_commands():
    with shell() as host:
        told = host("zonecfg -z web 'bogus; set x y'")
        assert told.err.startswith("syntax error at 'b'\nCommands:\n\nadd <resource-type>\n")
        assert "usage:\nset <property-name>=<property-value>\n\nFor resource type" in told.err
        host.zones.system.files.write("/c", b"info zonename\n(x\n")
        told = host("zonecfg -z web -f /c")
        assert told.out == "zonename: web\n"
        assert told.err.startswith("syntax error on line 2 at '('\nCommands:\n")


def test_leaving_in_the_middle_of_a_resource():
    given = "create -b\nset zonepath=/z\nadd net\n"
    with shell() as host:
        answer = host("zonecfg -z z1", f"{given}exit\n")
        assert answer.err.splitlines()[1:] == [
            "Resource incomplete, input not from terminal and -F not specified:",
            "exit command ignored, but exiting anyway.",
        ]
        assert host.state("z1") is None
        answer = host("zonecfg -z z1", f"{given}exit -F\n")
        assert answer.status == 1
        assert host.state("z1") is None


def test_an_installed_zone_is_only_deleted_by_force():
    with shell() as host:
        answer = host("zonecfg -z web delete -F")
        assert answer.err == "web: Zone state is invalid for the requested operation\n"
        assert (answer.status, host.state("web")) == (1, "running")
        assert host("zonecfg -z db delete -F").status == 0
        assert host.state("db") is None
        assert host("ls /zones/db/root/etc/passwd").status == 0
        gone = host("zonecfg -z db delete -F")
        assert (gone.status, gone.err) == (1, "db: No such zone configured\n")


def test_many_of_a_kind_are_only_removed_by_force():
    nets = "".join(f"add net; set physical=e{n}; set address=10.0.0.{n}; end; " for n in (1, 2))
    with shell() as host:
        host(f"zonecfg -z new '{nets}'")
        answer = host("zonecfg -z new remove net")
        assert answer.err.startswith("There are multiple instances of this resource.")
        assert host("zonecfg -z new select net physical=e9").err == (
            "select net: No such resource with that id\n"
        )
        assert host("zonecfg -z new remove -F net; zonecfg -z new info net").out == ""
        assert host("zonecfg -z new remove net").err == "remove net: No such entry\n"


def test_commit_without_a_path():
    with shell() as host:
        answer = host("zonecfg -z z1 create -b")
        assert answer.err.splitlines() == [
            "zonepath cannot be empty.",
            "Zone z1 failed to verify",
            "z1: Required resource missing",
            "Configuration not saved.",
        ]
        assert answer.status == 1


@pytest.mark.parametrize(
    ("commands", "message"),
    [
        ("add net; set address=10.0.0.1", "Resource incomplete."),
        ("end", "The end command only makes sense in the resource scope."),
        ("add net; set address=10.0.0.1; end", "physical not specified"),
        ("add net; set physical=e0; end", "net: address not specified"),
        ("set zonepath=/", "/ is not allowed as a zonepath."),
        ("add net; create", "The create command only makes sense in the global scope."),
        ("add nonsense", "usage:"),
        ("remove net physical=none", "remove net: No such resource with that id"),
        ("set autoboot=maybe", "autoboot value must be 'true' or 'false'."),
        ("set ip-type=odd", "ip-type value must be 'shared' or 'exclusive'."),
        ("set max-lwps=none", "max-lwps property is out of range."),
        ("clear zonepath", "zonepath: Clearing this property is not allowed"),
        ("clear max-lwps", "clear max-lwps: No such entry"),
        ("set dir=/x", "Cannot set a resource-specific property from the global scope."),
        ("add net; set dir=/x; cancel", "dir: No such property type"),
        ("add rctl; set name=zone.max-lwps; end", "no value specified"),
        ("add dedicated-cpu; set ncpus=x; cancel", "ncpus property is out of range."),
        (
            "add capped-memory; end",
            "No property was specified.  One of physical, swap or locked is required.",
        ),
        (
            "add capped-memory; set physical=5; cancel",
            "A positive number with a required scale suffix (K, M, G or T) was expected here.",
        ),
        (
            "add dedicated-cpu; set ncpus=1; end; add dedicated-cpu",
            "The dedicated-cpu resource already exists.",
        ),
        (
            "set ip-type=exclusive; add net; set physical=e0; set address=10.0.0.1; end; verify",
            "net: address cannot be specified for an exclusive IP type",
        ),
    ],
)
def test_refusals(commands, message):
    with shell() as host:
        answer = host(f"zonecfg -z z1 'create -b; set zonepath=/zones/z1; {commands}'")
        assert answer.status == 1
        assert answer.err.splitlines()[0] == message


def test_everything_missing_is_told_at_once():
    with shell() as host:
        answer = host("zonecfg -z z1 'create -b; add fs; set dir=rel; end'")
        assert answer.err.splitlines()[:3] == [
            "dir rel is not an absolute path.",
            "special not specified",
            "type not specified",
        ]
        net = "add net; set physical=e0; end"
        answer = host(f"zonecfg -z z1 'create -b; {net}; verify'")
        assert answer.err.splitlines()[:3] == [
            "zonepath cannot be empty.",
            "net: address not specified",
            "z1: Required resource missing",
        ]


def test_verifying_in_the_middle_of_a_resource():
    with shell() as host:
        answer = host("zonecfg -z z1 'create -b; set zonepath=/z; add attr; verify'")
        assert answer.err.splitlines()[:2] == [
            "resource specification incomplete",
            "z1: Insufficient specification",
        ]


def test_same_network_twice():
    net = "add net; set physical=e0; set address=10.0.0.1; end"
    with shell() as host:
        answer = host(f"zonecfg -z z1 'create -b; set zonepath=/z; {net}; {net}'")
        text = "A net resource with the physical 'e0', and address '10.0.0.1' already exists.\n"
        assert answer.err == text + "Resource incomplete.\n"


@pytest.mark.parametrize("name", ["global", "SUNWx", "-bad", "a" * 64, "a/b", ""])
def test_bogus_names(name):
    with shell() as host:
        answer = host(f"zonecfg -z '{name}' 'create -b; set zonepath=/z'")
        assert answer.status in (1, 2)
        if name != "global":
            assert answer.err.startswith(f"{name}: Bogus zone name\n")
            assert answer.status == 2


def test_newer_release_reserves_more_names():
    for profile, status in (("solaris-10", 0), ("solaris-11", 2)):
        with shell(profile) as host:
            assert host("zonecfg -z SYSa 'create -b; set zonepath=/z'").status == status


@pytest.mark.parametrize(
    ("zone", "commands", "message"),
    [
        ("db", "set zonepath=/other", "Zone db already installed; set zonepath not allowed."),
        ("web", "create", "Zone web already installed; create not allowed."),
        (
            "new",
            "create",
            "Zone exists, input not from terminal and -F not specified:",
        ),
        ("new", "delete", "Input not from terminal and -F not specified:"),
    ],
)
def test_what_a_known_zone_refuses(zone, commands, message):
    with shell() as host:
        answer = host(f"zonecfg -z {zone} {commands}")
        assert answer.err.splitlines()[0] == message
        assert answer.status == 1
        assert host.state(zone) is not None


def test_overwriting_is_told():
    with shell() as host:
        answer = host("zonecfg -z new 'create -F -b; set zonepath=/zones/n2'")
        assert answer.out == "Zone new already exists; overwriting.\n"
        assert host.zones.zones["new"].config.zonepath == "/zones/n2"


def test_default_templates():
    with shell("solaris-10") as host:
        host("zonecfg -z z1 'create; set zonepath=/z'")
        assert host("zonecfg -z z1 info inherit-pkg-dir").out.count("inherit-pkg-dir:") == 4
    with shell("solaris-11") as host:
        answer = host("zonecfg -z z1 create")
        assert answer.out == "create: Using system default template 'SYSdefault'\n"
        config = host.zones.zones["z1"].config
        assert (config.zonepath, config.get("ip-type")) == ("/system/zones/z1", "exclusive")


def test_info_in_full():
    net = "add net; set physical=e0; set address=10.0.0.1; end"
    with shell() as host:
        host(f"zonecfg -z z1 'create -b; set zonepath=/z; set max-lwps=50; {net}'")
        assert host("zonecfg -z z1 info").out == (
            "zonename: z1\nzonepath: /z\nbrand: native\nautoboot: false\nbootargs: \npool: \n"
            "limitpriv: \nscheduling-class: \nip-type: shared\nhostid: \n[max-lwps: 50]\n"
            "net:\n\taddress: 10.0.0.1\n\tphysical: e0\n\tdefrouter not specified\n"
            "rctl:\n\tname: zone.max-lwps\n"
            "\tvalue: (priv=privileged,limit=50,action=deny)\n"
        )


def test_select_changes_a_resource():
    net = "add net; set physical=e0; set address=10.0.0.1; end"
    with shell() as host:
        host(f"zonecfg -z z1 'create -b; set zonepath=/z; {net}'")
        change = "select net physical=e0; set address=10.0.0.2; end"
        assert host(f"zonecfg -z z1 '{change}'").status == 0
        assert "10.0.0.2" in host("zonecfg -z z1 info net").out
        assert host("zonecfg -z z1 remove net physical=e0").status == 0
        assert host("zonecfg -z z1 info net").out == ""


def test_renaming():
    with shell() as host:
        assert host("zonecfg -z new set zonename=newer").status == 0
        assert host.state("new") is None
        assert host.state("newer") == "configured"
        answer = host("zonecfg -z db set zonename=other")
        assert answer.err == "Zone db already installed; set zonename not allowed.\n"


def test_others_only_look():
    with shell(accounts=[{"user": "eve", "password": "x"}]) as host:
        assert host("zonecfg -z web info", account="eve").status == 0
        answer = host("zonecfg -z z1 'create -b'", account="eve")
        assert (answer.status, answer.err) == (1, "z1: Permission denied\n")


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    ("state", "zone"),
    [
        ("configured", "new"),
        ("incomplete", "half"),
        ("installed", "db"),
        ("ready", "set"),
        ("running", "web"),
        ("down", "dead"),
    ],
)
def test_deleting_in_every_state(state, zone, force):
    goes = state == "configured" or (force and state in ("incomplete", "installed"))
    with shell() as host:
        answer = host(f"zonecfg -z {zone} delete{' -F' if force else ''}")
        if not force:
            assert answer.err.startswith("Input not from terminal and -F not specified:\n")
            goes = False
        elif not goes:
            assert answer.err == f"{zone}: Zone state is invalid for the requested operation\n"
        assert answer.status == int(not goes)
        assert host.state(zone) == (None if goes else state)
