"""Hypothesis draws the same examples in every run, so that a failure can be repeated; `PINR_EXPLORE=1` draws others."""

import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
if os.environ.get("PINR_EXPLORE") != "1":
    settings.load_profile("repeatable")
