"""Support on the screen: who helps whom, who is left without, what is done."""
