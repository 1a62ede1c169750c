"""The entry that Streamlit runs.

At the root, not in dashboard/: beside a folder pages/, Streamlit would serve every file of it as a
page of its own, past the login.
"""

if __name__ == "__main__":  # a process that a page starts (briefing.preview) reads this file too
    from dashboard.app import main

    main()
