"""The map: outlines and villages, drawn by the graphics card or, without it, as a plain chart."""
