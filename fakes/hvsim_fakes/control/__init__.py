"""The control plane: a lab's own REST interface, beside the wires of the simulated products."""
