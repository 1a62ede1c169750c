"""The town ranking on the screen: the table, its charts, and why a unit stands where it stands."""
