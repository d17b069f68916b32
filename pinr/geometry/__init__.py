"""Regions: where an equation holds. Sampled, measured, with a boundary, outward normals and named parts.

Regions bind coordinates by name, are immutable, compare by value and print as they were written. A region is made
of *charts*, maps of the unit cube; its boundary of *faces*, regions with an outward normal.
"""

from pinr.geometry.boundary import Boundary
from pinr.geometry.box import Box
from pinr.geometry.product import Product
from pinr.geometry.records import region_from_record
from pinr.geometry.region import AbstractRegion, Face
from pinr.geometry.samples import Samples
from pinr.geometry.slice import Slice
from pinr.geometry.where import Where

__all__ = [
    "AbstractRegion",
    "Boundary",
    "Box",
    "Face",
    "Product",
    "Samples",
    "Slice",
    "Where",
    "region_from_record",
]
