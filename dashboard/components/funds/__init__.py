"""Money on the screen: how far it has come, what to look into, floor support, projects."""
