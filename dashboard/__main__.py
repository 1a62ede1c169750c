"""`python -m dashboard`."""

from dashboard.cli import run

if __name__ == "__main__":
    run()
