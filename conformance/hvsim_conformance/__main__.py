"""Run the command line as ``python -m hvsim_conformance``."""

from hvsim_conformance.cli import main

main()
