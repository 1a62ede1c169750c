"""Leadership dashboard of a county's poverty-alleviation programme."""

__version__ = "0.1.0"
