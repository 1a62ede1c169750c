"""Quality of figures on the screen: what to check first, and who has reported when."""
