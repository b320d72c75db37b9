"""Moves (MIG-*)."""

from hvsim_conformance.checks.shared.managed import MoveChecks
from hvsim_conformance.checks.vmware import check
from hvsim_conformance.checks.vmware.site import SITE

MOVES = MoveChecks(SITE)
MOVES.register(check)

check("MIG-VMW-2")(MOVES.live_within_a_cluster)
check("MIG-VMW-3")(MOVES.not_out_of_a_cluster)
check("MIG-VMW-4")(MOVES.cold_within_a_cluster)
