"""Districts whose truth is known: honest ones and ones with planted faking, to measure the checks.

`python -m tests.simulator` (make power) writes the table of docs/authenticity.md.
"""
