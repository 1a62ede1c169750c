"""The entry that Streamlit runs.

At the root, not in dashboard/: beside a folder pages/, Streamlit would serve every file of it as a
page of its own, past the login.
"""

from dashboard.app import main

main()
