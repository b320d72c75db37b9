"""junit.xml: one test suite a profile and one test case a check."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from hvsim_conformance.engine.run import Run
from hvsim_conformance.engine.verdict import CheckResult, Verdict
from hvsim_conformance.reports.text import legal

_SKIPPED = (Verdict.UNSUPPORTED, Verdict.KNOWN_FAILURE, Verdict.DISABLED, Verdict.NOT_RUN)


def render(run: Run) -> bytes:
    """Return the document in UTF-8."""
    root = ET.Element("testsuites", name="hvsim conformance", time=f"{run.seconds:.3f}")
    for profile in dict.fromkeys(result.profile for result in run.results):
        root.append(_suite(profile, [r for r in run.results if r.profile == profile]))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suite(profile: str, results: list[CheckResult]) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        name=profile,
        tests=str(len(results)),
        failures=str(_number(results, (Verdict.FAIL,))),
        errors=str(_number(results, (Verdict.ERROR,))),
        skipped=str(_number(results, _SKIPPED)),
        time=f"{sum(result.seconds for result in results):.3f}",
    )
    suite.extend(_case(result) for result in results)
    return suite


def _number(results: Iterable[CheckResult], verdicts: tuple[Verdict, ...]) -> int:
    return sum(result.verdict in verdicts for result in results)


def _case(result: CheckResult) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=f"{result.profile}.{result.area}",
        name=legal(result.name),
        time=f"{result.seconds:.3f}",
    )
    properties = ET.SubElement(case, "properties")
    ET.SubElement(properties, "property", name="level", value=result.level)
    ET.SubElement(properties, "property", name="verdict", value=result.verdict)
    if result.verdict is not Verdict.PASS:
        case.append(_outcome(result))
    if result.stderr:
        ET.SubElement(case, "system-err").text = legal(result.stderr)
    return case


def _outcome(result: CheckResult) -> ET.Element:
    if result.verdict in _SKIPPED:
        parts = (f"{result.verdict}: {result.message}", result.issue)
        return ET.Element("skipped", message=legal(" ".join(filter(None, parts))))
    tag = "failure" if result.verdict is Verdict.FAIL else "error"
    element = ET.Element(tag, message=legal(result.message))
    element.text = legal(
        "\n".join(filter(None, (result.statement, result.detail, result.reproduce)))
    )
    return element
