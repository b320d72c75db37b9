"""Reports of a run: results.json, junit.xml, report.html, badge.svg, and the terminal."""

from pathlib import Path

from hvsim_conformance.engine.run import Run
from hvsim_conformance.engine.summary import Summary
from hvsim_conformance.reports import badge, data, junit, page


def write_all(run: Run, summary: Summary, folder: Path) -> tuple[Path, ...]:
    """Write every report into the folder, which is made; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = {
        "results.json": data.render(run, summary),
        "junit.xml": junit.render(run),
        "report.html": page.render(run, summary).encode(),
        "badge.svg": badge.render(summary),
    }
    paths = []
    for name, content in documents.items():
        path = folder / name
        path.write_bytes(content)
        paths.append(path)
    return tuple(paths)
