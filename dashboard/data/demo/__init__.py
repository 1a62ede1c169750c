"""Demo data: a made-up picture of a district, so that a newcomer sees the dashboard at work."""

from dashboard.data.demo.make import fill, is_empty, rows
from dashboard.data.demo.places import DemoRefused

__all__ = ["DemoRefused", "fill", "is_empty", "rows"]
