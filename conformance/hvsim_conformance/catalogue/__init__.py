"""The requirement catalogue: data in one TOML file per area, read and validated by `load`."""

from hvsim_conformance.catalogue.loader import CatalogueError, load, load_areas, parse_area
from hvsim_conformance.catalogue.record import Area, Layer, Level, Observability, Requirement

__all__ = [
    "Area",
    "CatalogueError",
    "Layer",
    "Level",
    "Observability",
    "Requirement",
    "load",
    "load_areas",
    "parse_area",
]
