"""What `solve` chooses when the user does not: networks, stages, when to grow, when to stop."""

from pinr.training.autopilot.candidates import candidates
from pinr.training.autopilot.fly import fly

__all__ = ["candidates", "fly"]
