"""badge.svg: the headline's counts on a small plate."""

from xml.etree import ElementTree as ET

from hvsim_conformance.catalogue.record import Level
from hvsim_conformance.engine.summary import Summary
from hvsim_conformance.engine.verdict import ExitCode

_COLOURS = {ExitCode.CONFORMANT: "#2e7d32", ExitCode.FAILED: "#c62828"}
_LABEL = "conformance"
_ADVANCE = 6.6
_PADDING = 8.0


def render(summary: Summary) -> bytes:
    """Return the picture in UTF-8."""
    text = _text(summary)
    left, right = _width(_LABEL), _width(text)
    title = f"{_LABEL}: {text}"
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": f"{left + right:.0f}",
            "height": "20",
            "role": "img",
            "aria-label": title,
        },
    )
    ET.SubElement(root, "title").text = title
    _plate(root, 0, left, "#424242", _LABEL)
    _plate(root, left, right, _COLOURS.get(summary.exit_code, "#616161"), text)
    document: bytes = ET.tostring(root, encoding="utf-8")
    return document + b"\n"


def _text(summary: Summary) -> str:
    must, should = summary.count(Level.MUST), summary.count(Level.SHOULD)
    counts = f"MUST {must}, SHOULD {should}"
    match summary.exit_code:
        case ExitCode.CONFORMANT | ExitCode.FAILED:
            return counts
        case ExitCode.TOO_LITTLE:
            return "too little executed"
    return "no verdict"


def _plate(root: ET.Element, at: float, width: float, colour: str, text: str) -> None:
    box = {"x": f"{at:.0f}", "width": f"{width:.0f}", "height": "20", "fill": colour}
    ET.SubElement(root, "rect", box)
    words = {
        "x": f"{at + width / 2:.1f}",
        "y": "14",
        "fill": "#ffffff",
        "text-anchor": "middle",
        "font-family": "Verdana, DejaVu Sans, sans-serif",
        "font-size": "11",
    }
    ET.SubElement(root, "text", words).text = text


def _width(text: str) -> float:
    return len(text) * _ADVANCE + 2 * _PADDING
