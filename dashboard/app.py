"""Assembles the app."""
