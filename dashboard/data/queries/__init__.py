"""One function a question. Every one takes the viewer and returns nothing without one."""
