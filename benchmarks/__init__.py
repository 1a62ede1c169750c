"""What measures speed and size. Not part of the tests: `make bench` runs it."""
