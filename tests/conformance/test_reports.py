import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
import toy
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from hvsim_conformance import schemas
from hvsim_conformance.catalogue.record import Level
from hvsim_conformance.engine.execution import blank
from hvsim_conformance.engine.run import Run
from hvsim_conformance.engine.selection import Item
from hvsim_conformance.engine.summary import Count, summarise
from hvsim_conformance.engine.timeline import Lane, TimelineEntry
from hvsim_conformance.engine.verdict import ExitCode, Remark, Verdict
from hvsim_conformance.reports import badge, data, junit, page, write_all
from hvsim_conformance.reports.progress import Progress
from hvsim_conformance.reports.terminal import show

EVIL = "</script><img src=x onerror=alert(1)>&\"'\x00\x1b[31m]]>[red]"


def result(
    requirement="TOY-1", verdict=Verdict.PASS, profile=0, variant=None, message="", **fields
):
    suite = toy.suite()
    checks = suite.checks_of(requirement, suite.profiles[profile])
    item = Item(suite.requirements[requirement], suite.profiles[profile], checks[0])
    executed = verdict in (Verdict.PASS, Verdict.FAIL)
    made = blank(item, verdict, message, **{"executed": executed, **fields})
    return made if variant is None else replace(made, variant=variant)


def run_of(*results, **fields):
    settings = {
        "adapter": "--adapter toy:Manager", "implementation": "toy", "seed": 1,
        "narrowed": False, "interrupted": False, "seconds": 1.25,
        "minimums": {"toy-old": 1}, "results": tuple(results),
    }  # fmt: skip
    return Run(**{**settings, **fields})


EVIL_RESULT = replace(
    result(verdict=Verdict.FAIL, seed=5, seconds=0.5),
    message=EVIL,
    detail=EVIL,
    stderr=EVIL,
    statement=EVIL,
    reproduce=EVIL,
    issue=EVIL,
    remarks=(Remark(EVIL),),
    timeline=(
        TimelineEntry(0.0, Lane.COMMAND, EVIL, EVIL),
        TimelineEntry(1.0, Lane.WIRE, "VM.start", "ok", is_write=True),
        TimelineEntry(2.0, Lane.EVENT, "boot"),
    ),
)
EVIL_RUN = run_of(
    EVIL_RESULT,
    result("TOY-3", Verdict.KNOWN_FAILURE, message=EVIL, issue=EVIL),
    adapter=EVIL,
    implementation=EVIL,
)


def test_results_are_valid_for_the_schema_and_can_be_read_again():
    document = data.render(EVIL_RUN, summarise(EVIL_RUN))
    import orjson

    assert schemas.complaint(orjson.loads(document), "results") is None
    assert data.parse(document) == EVIL_RUN


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []
        self.links = []
        self.open = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [v for k, v in attrs if k in ("src", "href") or k.startswith("on")]
        if tag not in ("meta", "line", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag == "line" or self.open.pop() == tag


def test_the_page_is_self_contained_and_escapes_everything():
    text = page.render(EVIL_RUN, summarise(EVIL_RUN))
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert tags.links == []
    assert not {"script", "img", "link", "iframe"} & set(tags.tags)
    assert "<img" not in text
    assert not {"\x00", "\x1b"} & set(text)
    assert not re.search(r"url\(|@import", text)


def test_the_page_draws_the_timeline_by_simulated_time():
    marks = page.marks(EVIL_RESULT.timeline)
    assert [mark.x for mark in marks] == [8.0, page.WIDTH / 2, page.WIDTH - 8]
    assert len({mark.y for mark in marks}) == 3
    assert page.marks(()) == ()
    assert page.marks([TimelineEntry(7.0, Lane.WIRE, "x")])[0].x == 8.0
    text = page.render(EVIL_RUN, summarise(EVIL_RUN))
    assert text.count("<circle") == 3
    assert "VM.start" in text


def test_the_page_begins_with_what_needs_attention():
    run = run_of(result("TOY-3"), result("TOY-1", Verdict.FAIL), result("TOY-4", Verdict.ERROR))
    text = page.render(run, summarise(run))
    places = [text.index(f'id="toy-old-{name}"') for name in ("TOY-4", "TOY-1", "TOY-3")]
    assert places == sorted(places)


def test_junit_counts_and_escapes():
    run = run_of(
        EVIL_RESULT,
        result("TOY-3"),
        result("TOY-4", Verdict.ERROR, message="broke"),
        *(
            result("TOY-5", verdict, profile=1, message="why")
            for verdict in (Verdict.UNSUPPORTED, Verdict.DISABLED, Verdict.NOT_RUN)
        ),
    )
    root = ET.fromstring(junit.render(run))  # noqa: S314 - our own document
    old, new = root.findall("testsuite")
    assert [old.get(k) for k in ("tests", "failures", "errors", "skipped")] == ["3", "1", "1", "0"]
    assert [new.get(k) for k in ("tests", "failures", "errors", "skipped")] == ["3", "0", "0", "3"]
    failure = old.find("testcase/failure")
    assert failure is not None
    assert EVIL.replace("\x00", "\ufffd").replace("\x1b", "\ufffd") in failure.text
    skipped = [element.get("message") for element in new.iterfind("testcase/skipped")]
    assert skipped == ["unsupported: why", "disabled: why", "not-run: why"]


@given(st.text())
def test_junit_takes_any_text(text):
    run = run_of(result(verdict=Verdict.FAIL, message=text, stderr=text, detail=text))
    ET.fromstring(junit.render(run))  # noqa: S314 - our own document


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (Verdict.PASS, "MUST 1/1, SHOULD 0/0"),
        (Verdict.FAIL, "MUST 0/1, SHOULD 0/0"),
        (Verdict.ERROR, "no verdict"),
        (Verdict.DISABLED, "too little executed"),
    ],
)
def test_the_badge(verdict, text):
    picture = badge.render(summarise(run_of(result(verdict=verdict))))
    root = ET.fromstring(picture)  # noqa: S314 - our own document
    assert root.get("aria-label") == f"conformance: {text}"
    assert text in [element.text for element in root.iter()]


def shown(run):
    stream = io.StringIO()
    show(run, summarise(run), Console(file=stream, width=120, highlight=False))
    return stream.getvalue()


def test_the_terminal_takes_markup_literally_and_keeps_long_lines_whole():
    long = "hvsim conform " + "--id TOY-1 " * 40
    text = shown(run_of(replace(EVIL_RESULT, reproduce=long)))
    assert "]]>[red]" in text
    assert long.strip() in text


def test_the_terminal_escapes_control_characters():
    assert "\x1b" not in shown(EVIL_RUN)
    assert "\x00" not in shown(EVIL_RUN)


def test_the_terminal_counts_by_area():
    text = shown(run_of(result("TOY-1"), result("TOY-2"), result("TOY-3", Verdict.FAIL)))
    (row,) = [line.split() for line in text.splitlines() if line.split()[:1] == ["xenserver"]]
    assert row == ["xenserver", "toy-old", "TOY", "2/2", "0/1", "-"]


def test_a_requirement_counts_once_and_by_its_worst_check():
    run = run_of(
        result("TOY-2", profile=1),
        result("TOY-2", Verdict.FAIL, profile=1, variant="new"),
        minimums={"toy-new": 1},
    )
    summary = summarise(run)
    assert summary.count(Level.MUST) == Count(0, 1)
    assert summary.exit_code is ExitCode.FAILED


def test_what_has_no_check_does_not_count():
    run = run_of(result(), result("TOY-2", Verdict.NOT_RUN, covered=False))
    assert summarise(run).headline == "Conformant (MUST 1/1, SHOULD 0/0)"


@pytest.mark.parametrize(
    ("verdicts", "interrupted", "code"),
    [
        ([Verdict.PASS, Verdict.FAIL, Verdict.ERROR], True, ExitCode.INTERRUPTED),
        ([Verdict.PASS, Verdict.FAIL, Verdict.ERROR], False, ExitCode.ERROR),
        ([Verdict.PASS, Verdict.FAIL], False, ExitCode.FAILED),
        ([Verdict.UNSUPPORTED], False, ExitCode.TOO_LITTLE),
        ([Verdict.PASS, Verdict.UNSUPPORTED], False, ExitCode.CONFORMANT),
    ],
)
def test_the_gravest_finding_decides_the_exit_code(verdicts, interrupted, code):
    names = ("TOY-1", "TOY-2", "TOY-5")
    run = run_of(*map(result, names, verdicts), interrupted=interrupted)
    assert summarise(run).exit_code is code


def test_a_may_never_fails_a_run():
    run = run_of(result("TOY-1"), result("TOY-4", Verdict.FAIL))
    assert summarise(run, strict=True).exit_code is ExitCode.CONFORMANT


def test_fewer_executed_than_the_minimum_is_never_green():
    assert summarise(run_of(result(), minimums={"toy-old": 2})).exit_code is ExitCode.TOO_LITTLE


def test_reports_are_written_into_a_new_folder(tmp_path):
    paths = write_all(EVIL_RUN, summarise(EVIL_RUN), tmp_path / "a" / "b")
    assert all(path.stat().st_size > 100 for path in paths)


class Screen(io.StringIO):
    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


def told(terminal, times):
    screen = Screen(terminal)
    clock = iter(times)
    progress = Progress(screen, lambda: next(clock))
    for number, verdict in enumerate((Verdict.PASS, Verdict.FAIL, Verdict.PASS), 1):
        progress(number, 3, result(verdict=verdict))
    progress.close()
    return screen.getvalue()


def test_a_short_run_shows_no_progress():
    assert told(True, [0.0, 0.5, 1.0, 1.9]) == told(False, [0.0, 0.5, 1.0, 1.9]) == ""


def test_a_long_run_shows_progress_in_one_line_of_a_terminal():
    text = told(True, [0.0, 1.0, 2.5, 2.6])
    assert "2/3 checks, 1 failed" in text
    assert "3/3 checks, 1 failed" in text
    assert "\n" not in text
    assert text.endswith("\r\x1b[K")


def test_a_long_run_shows_few_lines_in_a_log():
    lines = told(False, [0.0, 1.0, 2.5, 2.6]).splitlines()
    assert lines == ["2/3 checks, 1 failed; last TOY-1"]
