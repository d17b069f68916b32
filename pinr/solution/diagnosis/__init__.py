"""What is wrong with a trained solution, in plain words, and what to do about it.

`table.py` lists the searches, each in a file of its own; `Evidence` holds what they all look at.
"""

from pinr.solution.diagnosis.diagnose import diagnose
from pinr.solution.diagnosis.diagnosis import Diagnosis, Symptom

__all__ = ["Diagnosis", "Symptom", "diagnose"]
