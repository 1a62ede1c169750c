"""Supervision on the screen: five kinds of 落实, months and posts, findings and their mending."""
