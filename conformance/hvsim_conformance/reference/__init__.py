"""A small manager of virtual machines that keeps every rule: the suite's own reference.

It is built on the products' real client libraries, so it also shows how little a management layer
needs to behave well. The mutants are this manager with one rule broken.
"""

from hvsim_conformance.reference.manager import ReferenceManager

__all__ = ["ReferenceManager"]
