"""Hypothesis for the rules: no deadline, because a shared machine's pauses are not failures."""

from hypothesis import settings

settings.register_profile("rules", deadline=None, print_blob=True)
settings.load_profile("rules")
