"""The entry that Streamlit runs. At the root, not beside a folder pages/: see docs/decisions."""

from dashboard.app import main

main()
