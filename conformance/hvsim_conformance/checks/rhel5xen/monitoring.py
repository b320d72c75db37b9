"""What is monitored, and when (REG-2, STATE-ALL-4)."""

from hvsim_conformance.checks.rhel5xen import check
from hvsim_conformance.checks.shared.monitoring import MonitoringChecks, Source


def _source(host: str, guest: str) -> Source:
    return Source(
        lambda bench: bench.lab.endpoint(host),
        guest,
        lambda bench: bench.lab.console(host).run(f"xm destroy {guest}"),
    )


MonitoringChecks("beta", _source("alpha", "web"), _source("beta", "db")).register(check)
