"""The command line that repeats one check of a run."""

import shlex

from hvsim_conformance.adapters.loading import AdapterSpec
from hvsim_conformance.engine.suite import BUILTIN_SPEC


def command_line(adapter: AdapterSpec, suite: str, profile: str, name: str, seed: int) -> str:
    """Return one line to paste into a shell; the same seed gives the check the same world."""
    words = ["hvsim", "conform", f"--{adapter.kind}", adapter.value]
    if suite != BUILTIN_SPEC:
        words += ["--suite", suite]
    words += ["--profile", profile, "--id", name, "--seed", str(seed)]
    return shlex.join(words)
