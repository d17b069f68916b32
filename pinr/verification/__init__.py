"""Verification: an independent reference solve of the same problem, with its own error estimate."""

from pinr.verification.verification import Verification
from pinr.verification.verify import verify

__all__ = ["Verification", "verify"]
