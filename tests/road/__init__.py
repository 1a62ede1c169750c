"""The main road, from the towns' workbooks to the screen."""
