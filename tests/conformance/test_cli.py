import json
import os
import signal
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner

from hvsim_conformance.catalogue.page import render
from hvsim_conformance.cli import main
from hvsim_conformance.engine.suite import builtin

HVSIM = [sys.executable, "-c", "from hvsim_conformance.cli import main; main(prog_name='hvsim')"]


@pytest.fixture
def hvsim(hvsim_env, tmp_path):
    def run(*arguments, **options):
        return subprocess.run(  # noqa: S603 - our own command
            [*HVSIM, *arguments],
            env=hvsim_env, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False,
            **options,
        )  # fmt: skip

    return run


@pytest.fixture
def conform(hvsim):
    def run(adapter, *arguments, suite="toy:suite"):
        which = () if adapter is None else ("--adapter", adapter)
        return hvsim("conform", "--suite", suite, "--jobs", "2", *which, *arguments)

    return run


@pytest.fixture
def conform_program(conform, programs, tmp_path):
    """Check TOY-1 of the JavaScript manager in a mode."""

    def run(mode, *options):
        program = f"node {programs / 'manager.mjs'} {mode}"
        done = conform(None, "--adapter-cmd", program, "--id", "TOY-1", *options)
        return done, results(tmp_path)["TOY-1"]

    return run


def results(tmp_path):
    document = json.loads((tmp_path / "hvsim-report" / "results.json").read_text())
    return {entry["requirement"]: entry for entry in document["results"]}


@pytest.mark.parametrize(
    ("adapter", "options", "status", "headline"),
    [
        ("toy:Spare", (), 0, "Conformant (MUST 3/3, SHOULD 1/1)"),
        ("toy:Manager", (), 0, "Conformant in what it offers (MUST 2/3, SHOULD 1/1)"),
        ("toy:Lazy", (), 1, "Not conformant (MUST 1/3, SHOULD 1/1)"),
        ("toy:Renaming", (), 0, "Conformant in what it offers (MUST 2/3, SHOULD 0/1)"),
        ("toy:Renaming", ("--strict",), 1, "Not conformant (MUST 2/3, SHOULD 0/1)"),
        ("toy:Raising", (), 3, "No verdict: 1 ended in error (MUST 1/3, SHOULD 1/1)"),
        ("toy:Dying", (), 3, "No verdict: 1 ended in error (MUST 1/3, SHOULD 1/1)"),
        ("toy:DoesNotOpen", (), 3, "No verdict: 5 ended in error (MUST 0/3, SHOULD 0/1)"),
        ("toy:Declining", (), 5, "Too little executed, toy-old: 2 of 3 (MUST 1/3, SHOULD 1/1)"),
        ("toy:Manager", ("--profile", "toy-new"), 5, "Too little executed, toy-new: 3 of 4"),
        ("toy:Declining", ("--id", "TOY-1"), 5, "Too little executed, toy-old: 0 of 1"),
        ("toy:Manager", ("--id", "TOY-1"), 0, "Selection passed (MUST 1/1, SHOULD 0/0)"),
        (None, (), 0, "Conformant (MUST 3/3, SHOULD 1/1)"),
    ],
)
def test_the_exit_status_and_headline(conform, adapter, options, status, headline):
    run = conform(adapter, *options)
    assert headline in run.stdout
    assert run.returncode == status, run.stderr
    assert "Traceback" not in run.stderr


def test_every_report_is_written(conform, tmp_path):
    run = conform("toy:Spare")
    written = {path.name for path in (tmp_path / "hvsim-report").iterdir()}
    assert written == {"results.json", "junit.xml", "report.html", "badge.svg"}
    assert all(name in run.stdout for name in written)


def test_nothing_is_dropped_silently(conform, tmp_path):
    run = conform("toy:Manager")
    entries = results(tmp_path)
    assert sorted(entries) == [f"TOY-{number}" for number in range(1, 8)]
    assert entries["TOY-6"]["message"] == "nobody can see it from outside"
    assert not entries["TOY-6"]["covered"]
    assert entries["TOY-7"]["message"] == "the suite has no check of it yet"
    assert entries["TOY-5"]["verdict"] == "not-run"
    for text in ("nobody can see it", "no check of it yet: TOY-7", "does not offer spare: TOY-5"):
        assert text in run.stdout


def test_a_failing_check_prints_the_line_that_repeats_it(conform, hvsim, tmp_path):
    import shlex

    first = conform("toy:Lazy", "--seed", "42")
    (line,) = [text.strip() for text in first.stdout.splitlines() if "hvsim conform" in text]
    before = results(tmp_path)["TOY-1"]
    words = shlex.split(line)
    assert words[0] == "hvsim"
    again = hvsim(*words[1:])
    after = results(tmp_path)
    assert (again.returncode, list(after)) == (1, ["TOY-1"])
    assert after["TOY-1"]["seed"] == before["seed"]
    assert after["TOY-1"]["timeline"] == before["timeline"]


def test_the_order_and_content_of_results_do_not_depend_on_the_number_of_jobs(conform, tmp_path):
    def run(jobs):
        conform("toy:Lazy", "--jobs", jobs)
        entries = results(tmp_path)
        return [{k: v for k, v in entry.items() if k != "seconds"} for entry in entries.values()]

    assert run("1") == run("3")


def test_a_check_that_hangs_is_ended_at_its_deadline_and_shows_where(conform, tmp_path):
    run = conform("toy:Hanging", "--id", "TOY-1", "--deadline", "0.5")
    entry = results(tmp_path)["TOY-1"]
    assert (run.returncode, entry["verdict"]) == (3, "error")
    assert entry["message"] == "no verdict within 0.5 s"
    assert "in power" in entry["stderr"], "the stack of the hanging thread is shown"


def test_the_other_checks_run_although_one_hangs(conform, tmp_path):
    conform("toy:Hanging", "--jobs", "1", "--deadline", "5")
    verdicts = {name: entry["verdict"] for name, entry in results(tmp_path).items()}
    assert verdicts["TOY-1"] == "error"
    assert verdicts["TOY-2"] == verdicts["TOY-3"] == "pass"


def test_an_adapter_that_hangs_at_once_is_an_error(conform, tmp_path):
    run = conform("toy:HangsAtOnce", "--call-deadline", "0.5")
    assert run.returncode == 3
    assert "capabilities: no verdict within 0.5 s" in results(tmp_path)["TOY-1"]["message"]


def test_a_dying_adapter_leaves_its_last_words(conform, tmp_path):
    conform("toy:Dying", "--id", "TOY-1")
    entry = results(tmp_path)["TOY-1"]
    assert "exit status 9" in entry["message"]
    assert entry["stderr"] == "last words\n"


@pytest.mark.parametrize(
    ("mode", "expected", "text"),
    [
        ("good", (0, "pass"), ""),
        ("crash", (3, "error"), "exit status 7"),
        ("garbage", (3, "error"), "not JSON"),
        ("wrongseq", (3, "error"), "instead of"),
        ("unborn", (3, "error"), "exit status 3"),
        ("unsupported", (5, "unsupported"), "no power"),
        ("known", (5, "known-failure"), "known issue"),
        ("noisy", (0, "pass"), ""),
    ],
)
def test_a_program_as_adapter(conform_program, mode, expected, text):
    run, entry = conform_program(mode)
    assert (run.returncode, entry["verdict"]) == expected
    assert text in entry["message"]
    if entry["verdict"] == "error":
        assert f"in mode {mode}" in entry["stderr"]
        assert f"in mode {mode}" in run.stdout


def test_a_silent_program_is_an_error_within_its_deadline(conform_program):
    run, entry = conform_program("silent", "--call-deadline", "3")
    assert run.returncode == 3
    assert "gave no answer within 3 s" in entry["message"]
    assert "in mode silent" in entry["stderr"]


@pytest.mark.parametrize(
    ("text", "adapter", "ending"),
    [
        ('[[known]]\nid = "TOY-1"\nreason = "yet"', "toy:Lazy", (0, "but for 1 known to fail")),
        ('[[known]]\nid = "TOY-1"\nreason = "yet"', "toy:Manager", (1, "unexpected pass")),
        ('[[known]]\nid = "TOY-3"\nreason = "yet"', "toy:Manager", (1, "unexpected pass")),
        ('[[disabled]]\nid = "TOY-1"\nreason = "slow"', "toy:Manager", (5, "disabled, 1: slow")),
        ('[[known]]\nid = "TOY-1"', "toy:Manager", (4, "known.toml:1: expected id and reason")),
        ("", "toy:Manager", (0, "Conformant")),
    ],
)
def test_known_failures_and_disabled_checks(conform, tmp_path, text, adapter, ending):
    status, expected = ending
    (tmp_path / "known.toml").write_text(text)
    run = conform(adapter, "--expectations", "known.toml")
    assert run.returncode == status
    assert expected in run.stdout + run.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("conform", "--adapter", "no_such_module:x"),
        ("conform", "--adapter", "toy:no_such_factory"),
        ("conform", "--adapter", "toy:NOT_CALLABLE"),
        ("conform", "--adapter", "not-an-entry-point"),
        ("conform", "--adapter", "a:b", "--adapter-cmd", "c"),
        ("conform", "--adapter", "a:b", "--mutant", "c"),
        ("conform", "--mutant", "no-such-mutant"),
        ("conform", "--adapter-cmd", "no-such-program-of-hvsim"),
        ("conform", "--adapter-cmd", "'unfinished"),
        ("conform", "--adapter-cmd", ""),
        ("conform", "--suite", "toy:unreferenced_suite"),
        ("conform", "--suite", "toy:no_such_suite"),
        ("conform", "--suite", "toy:terms_of"),
        ("conform", "--id", "NOTHING-*"),
        ("conform", "--profile", "odd"),
        ("conform", "--product", "odd"),
        ("conform", "--level", "WILL"),
        ("conform", "--seed", "-1"),
        ("conform", "--jobs", "0"),
        ("conform", "--deadline", "0"),
        ("conform", "--expectations", "missing.toml"),
        ("conform", "--report-dir", "/dev/null/x", "--id", "TOY-1"),
        ("conform", "surplus"),
        ("mutants", "--suite", "toy:unreferenced_suite"),
        ("mutants", "--id", "TOY-4"),
        ("report", "missing.json"),
        ("report",),
        ("catalogue", "NOTHING-*"),
        ("check-adapter",),
        ("check-adapter", "--adapter", "no_such_module:x"),
        ("check-adapter", "--adapter-cmd", "no-such-program-of-hvsim"),
        ("no-such-command",),
        ("--no-such-option",),
    ],
)
def test_a_mistake_is_one_line_and_status_4(hvsim, arguments):
    if arguments[0] in ("conform", "mutants") and "--suite" not in arguments:
        arguments = (arguments[0], "--suite", "toy:suite", "--jobs", "1", *arguments[1:])
    run = hvsim(*arguments)
    assert run.returncode == 4, run.stderr
    (line,) = run.stderr.splitlines()
    assert line.startswith("hvsim: ")


def interrupted(hvsim_env, tmp_path, number):
    """Run until a check is under way, send a signal, and return how it ended."""
    fifo = tmp_path / "signal"
    os.mkfifo(fifo)
    child = subprocess.Popen(  # noqa: S603 - our own command
        [*HVSIM, "conform", "--suite", "toy:suite", "--adapter", "toy:Interrupting", "--jobs", "1"],
        env={**hvsim_env, "TOY_SIGNAL": str(fifo)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    worker = int(fifo.read_text())
    child.send_signal(number)
    stdout, stderr = child.communicate(timeout=60)
    return child.returncode, stdout, stderr, worker


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_reports_what_it_has_and_leaves_no_process(hvsim_env, tmp_path, number):
    status, stdout, stderr, worker = interrupted(hvsim_env, tmp_path, number)
    assert (status, "Interrupted" in stdout) == (2, True), stderr
    assert "Traceback" not in stderr
    assert results(tmp_path)["TOY-1"]["message"] == "the run was interrupted"
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_reports_can_be_made_again_from_the_results(conform, hvsim, tmp_path):
    conform("toy:Lazy")
    file = tmp_path / "hvsim-report" / "results.json"
    again = hvsim("report", str(file), "--report-dir", "again")
    assert (again.returncode, "Not conformant" in again.stdout) == (1, True)
    for path in (tmp_path / "hvsim-report").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 2}', "\x00"])
def test_a_report_of_something_else_is_a_mistake(hvsim, tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    run = hvsim("report", "x.json")
    assert (run.returncode, len(run.stderr.splitlines())) == (4, 1)


def invoke(*arguments):
    return CliRunner().invoke(main, list(arguments))


def test_help_lists_every_subcommand():
    for arguments in ((), ("--help",), ("-h",)):
        result = invoke(*arguments)
        assert result.exit_code == 0
        for name in ("catalogue", "check-adapter", "conform", "mutants", "report", "version"):
            assert f"\n  {name} " in result.output


@pytest.mark.parametrize(
    "name", ["catalogue", "check-adapter", "conform", "mutants", "report", "version"]
)
def test_every_subcommand_has_help(name):
    result = invoke(name, "--help")
    assert (result.exit_code, "Usage:" in result.output) == (0, True)


def test_version():
    import hvsim as package

    assert invoke("version").output.startswith(f"hvsim {package.__version__} (Python 3.")


def test_the_catalogue_as_table_json_and_page():
    assert "MAINT-XS-2" in invoke("catalogue", "MAINT-*").output
    listed = json.loads(invoke("catalogue", "--format", "json").output)
    assert len(listed) == 172
    chosen = json.loads(
        invoke("catalogue", "--product", "solaris", "--level", "MUST", "--format", "json").output
    )
    assert {"ZONE-1", "NAME-SOL-1"} <= {entry["id"] for entry in chosen} < {e["id"] for e in listed}
    page = invoke("catalogue", "--format", "markdown").output
    assert page == render(check.requirement for check in builtin().checks)


@pytest.mark.parametrize("adapter", ["toy:Manager", "toy:Spare"])
def test_the_smoke_stage_accepts_a_good_adapter(hvsim, adapter):
    run = hvsim("check-adapter", "--adapter", adapter)
    assert (run.returncode, run.stderr) == (0, "")
    assert all(line.startswith("ok ") for line in run.stdout.splitlines())


def test_the_smoke_stage_accepts_a_good_program(hvsim, programs):
    run = hvsim("check-adapter", "--adapter-cmd", f"node {programs / 'manager.mjs'}")
    assert (run.returncode, run.stderr) == (0, "")
    assert len(run.stdout.splitlines()) == 9


@pytest.mark.parametrize(
    ("mode", "complaint"),
    [
        ("unborn", "exit status 3"),
        ("crash", "exit status 7"),
        ("forgetful", "lists hosts or guests"),
        ("badend", "ended with status 5"),
    ],
)
def test_the_smoke_stage_finds_a_broken_program(hvsim, programs, mode, complaint):
    run = hvsim("check-adapter", "--adapter-cmd", f"node {programs / 'manager.mjs'} {mode}")
    assert run.returncode == 3
    assert complaint in run.stdout.splitlines()[-2]
    assert f"stderr: manager.mjs in mode {mode}" in run.stdout


@pytest.mark.parametrize(
    ("adapter", "complaint"),
    [
        ("toy:ClaimsSpare", "the feature spare is claimed"),
        ("toy:Mumbling", "power returned 'ok'"),
        ("toy:Lazy", "does not exist succeeded"),
        ("toy:DoesNotOpen", "cannot open"),
    ],
)
def test_the_smoke_stage_finds_a_broken_adapter(hvsim, adapter, complaint):
    run = hvsim("check-adapter", "--adapter", adapter)
    assert (run.returncode, complaint in run.stdout) == (3, True)


def test_a_reader_that_goes_away_is_no_traceback(hvsim_env):
    child = subprocess.Popen(  # noqa: S603 - our own command
        [*HVSIM, "catalogue", "--format", "markdown"],
        env=hvsim_env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    child.stdout.close()
    _, stderr = child.communicate(timeout=60)
    assert b"Traceback" not in stderr


def test_mutants_are_killed(hvsim):
    run = hvsim("mutants", "--suite", "toy:suite", "--jobs", "2")
    assert "4 of 4 mutants killed" in run.stdout
    assert run.returncode == 0, run.stdout


def test_a_mutant_can_be_run_by_itself(conform):
    run = conform(None, "--mutant", "forwarding")
    assert (run.returncode, "Not conformant" in run.stdout) == (1, True)


@pytest.mark.parametrize(
    ("suite", "complaint"),
    [
        ("toy:harmless_suite", "survived: harmless: breaks nothing at all"),
        ("toy:killed_by_error_suite", "survived: broken"),
        ("toy:harmless_suite", "no mutant breaks TOY-2"),
        ("toy:unproven_suite", "the reference does not pass TOY-1"),
    ],
)
def test_a_matrix_with_a_hole_fails(hvsim, suite, complaint):
    run = hvsim("mutants", "--suite", suite, "--jobs", "2")
    assert (run.returncode, complaint in run.stdout) == (1, True), run.stdout


def test_the_full_matrix_shows_what_else_catches_a_mutant(hvsim):
    run = hvsim("mutants", "--suite", "toy:suite", "--full", "--id", "TOY-1")
    (row,) = [line for line in run.stdout.splitlines() if line.strip().startswith("lazy")]
    assert "killed" in row


def test_nothing_is_left_running():
    assert threading.active_count() < 10
