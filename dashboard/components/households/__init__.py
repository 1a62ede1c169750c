"""Low-income households on the screen: who they are, how they come and go, who is stuck."""
