"""What RHEL5-Xen does not have: high availability and maintenance mode."""

from hvsim_conformance.adapters.errors import OperationUnsupportedError
from hvsim_conformance.adapters.model import Product, Reason, Switch
from hvsim_conformance.checks.rhel5xen import Rhel5Bench, check


@check("HA-RH5-1")
def no_high_availability(bench: Rhel5Bench) -> None:
    """There is no name for what does not exist."""
    found = [one for one in bench.subject.describe_terms() if one.product is Product.RHEL5XEN]
    bench.expect(len(found) == 1, f"there are {len(found)} sets of terms of RHEL5-Xen, not one")
    given = found[0].high_availability
    bench.expect(not given, f"RHEL5-Xen's high availability is called {given!r}")


@check("MAINT-TERM-1")
def no_term_for_maintenance(bench: Rhel5Bench) -> None:
    """There is no name for what does not exist."""
    terms = {one.product: one.maintenance for one in bench.subject.describe_terms()}
    bench.expect(Product.RHEL5XEN in terms, "there are no terms of RHEL5-Xen")
    given = terms[Product.RHEL5XEN]
    bench.expect(not given, f"RHEL5-Xen's maintenance mode is called {given!r}")


@check("MAINT-RH5-1")
def no_maintenance_mode(bench: Rhel5Bench) -> None:
    """It is not offered, or refused with nothing done on the host."""
    bench.enrol()
    host, before = bench.host("beta").id, bench.truth.guests()
    for move in (False, True):
        mark = bench.wire.mark()
        try:
            outcome = bench.subject.maintenance(host, Switch.ON, move=move)
        except OperationUnsupportedError:
            continue
        bench.expect_refused(outcome, Reason.UNSUPPORTED_BY_PRODUCT, mark)
    bench.expect(list(bench.truth.guests()) == list(before), "guests of the host were touched")
    bench.refresh()
    bench.expect(not bench.host("beta").in_maintenance, "the host is listed as in maintenance")
