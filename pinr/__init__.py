"""pinr: physics-informed solvers. Declare a boundary-value problem in SymPy, solve it with a neural field."""

from pinr.compiler.program import Program, compile_problem
from pinr.declaration.constraint import Constraint, on
from pinr.declaration.finding import Finding, ProblemWarning
from pinr.declaration.problem import Problem
from pinr.errors import (
    CompilationError,
    DeclarationError,
    FileFormatError,
    GeometryError,
    PinrError,
    TrainingError,
)
from pinr.geometry import (
    Audio,
    Ball,
    Box,
    Cylinder,
    HalfSpace,
    Image,
    LevelSet,
    Measurements,
    PointCloud,
    Polygon,
    Solid,
    Surface,
    Video,
    Volume,
)
from pinr.geometry.sampling import Grid, Sobol, Uniform
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.gridded import gridded
from pinr.language.integrals import integral
from pinr.language.operators import div, dot, grad, hessian, laplacian, norm
from pinr.language.parameters import parameter
from pinr.language.quantities import quantity
from pinr.language.tensors import curl, outer, sym, trace
from pinr.networks import MLP, FourierFeatures, ModifiedMLP, PirateNet, ResidualMLP, Siren
from pinr.optimizers import LBFGS, SOAP, Adam, GaussNewton, MatrixFreeGaussNewton, SelfScaledBroyden
from pinr.solution import ExtrapolationWarning, Solution, psnr, snr, ssim
from pinr.training.balance import Causal, FixedWeights, GradientNorm, NeuralTangentKernel, SelfAdaptive
from pinr.training.fit_all import fit_all
from pinr.training.precision import tf32
from pinr.training.redistanced import redistanced
from pinr.training.sampling import R3, FreshPoints, MorePoints, ResidualDensity
from pinr.training.solve import solve

__version__ = "0.1.0"

__all__ = [
    "LBFGS",
    "MLP",
    "R3",
    "SOAP",
    "Adam",
    "Audio",
    "Ball",
    "Box",
    "Causal",
    "CompilationError",
    "Constraint",
    "Cylinder",
    "DeclarationError",
    "Eq",
    "ExtrapolationWarning",
    "FileFormatError",
    "Finding",
    "FixedWeights",
    "FourierFeatures",
    "FreshPoints",
    "GaussNewton",
    "GeometryError",
    "GradientNorm",
    "Grid",
    "HalfSpace",
    "Image",
    "LevelSet",
    "MatrixFreeGaussNewton",
    "Measurements",
    "ModifiedMLP",
    "MorePoints",
    "NeuralTangentKernel",
    "PinrError",
    "PirateNet",
    "PointCloud",
    "Polygon",
    "Problem",
    "ProblemWarning",
    "Program",
    "ResidualDensity",
    "ResidualMLP",
    "SelfAdaptive",
    "SelfScaledBroyden",
    "Siren",
    "Sobol",
    "Solid",
    "Solution",
    "Surface",
    "TrainingError",
    "Uniform",
    "Video",
    "Volume",
    "coefficient",
    "compile_problem",
    "coordinates",
    "curl",
    "div",
    "dot",
    "fit_all",
    "grad",
    "gridded",
    "hessian",
    "integral",
    "laplacian",
    "norm",
    "on",
    "outer",
    "parameter",
    "psnr",
    "quantity",
    "redistanced",
    "snr",
    "solve",
    "ssim",
    "sym",
    "tf32",
    "trace",
    "unknown",
]
