"""The bulletin: one content model, built once for (unit, quarter), and what renders it."""
