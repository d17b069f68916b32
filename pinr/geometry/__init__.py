"""Regions: where an equation holds. Sampled, measured, with a boundary, outward normals and named parts.

Regions bind coordinates by name, are immutable, compare by value and print as they were written. A region is made
of *charts*, maps of the unit cube; its boundary of *faces*, each with its outward normal. `|`, `&` and `-` combine
regions, `*` multiplies those of different coordinates. Numbers of a region may be expressions of time and varying
coordinates: such a region is open until a factor of a product binds them.
"""

from pinr.geometry.audio import Audio
from pinr.geometry.ball import Ball
from pinr.geometry.boundary import Boundary
from pinr.geometry.box import Box
from pinr.geometry.combination import Combination
from pinr.geometry.cylinder import Cylinder
from pinr.geometry.face import Face
from pinr.geometry.family import Family
from pinr.geometry.half_space import HalfSpace
from pinr.geometry.image import Image
from pinr.geometry.interface import Interface
from pinr.geometry.level_set import LevelSet
from pinr.geometry.measurements import Measurements
from pinr.geometry.moved import Moved
from pinr.geometry.point_cloud import PointCloud
from pinr.geometry.polygon import Polygon
from pinr.geometry.product import Product
from pinr.geometry.quadrature import Integral, integral_of
from pinr.geometry.records import region_from_record
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Samples
from pinr.geometry.section import Section
from pinr.geometry.signal import AbstractSignal
from pinr.geometry.slice import Slice
from pinr.geometry.solid import Solid
from pinr.geometry.surface import Surface
from pinr.geometry.video import Video
from pinr.geometry.volume import Volume
from pinr.geometry.where import Where

__all__ = [
    "AbstractRegion",
    "AbstractSignal",
    "Audio",
    "Ball",
    "Boundary",
    "Box",
    "Combination",
    "Cylinder",
    "Face",
    "Family",
    "HalfSpace",
    "Image",
    "Integral",
    "Interface",
    "LevelSet",
    "Measurements",
    "Moved",
    "PointCloud",
    "Polygon",
    "Product",
    "Samples",
    "Section",
    "Slice",
    "Solid",
    "Surface",
    "Video",
    "Volume",
    "Where",
    "integral_of",
    "region_from_record",
]
