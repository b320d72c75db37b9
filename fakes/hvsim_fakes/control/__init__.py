"""The control plane: a lab's own REST interface, beside the wires of the simulated products."""

from hvsim_fakes.control.app import control_app

__all__ = ["control_app"]
