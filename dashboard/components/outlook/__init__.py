"""The year end to be expected of villages: the list of those that will miss it, and one village."""
