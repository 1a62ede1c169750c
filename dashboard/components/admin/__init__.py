"""The office's desk: files in, files that wait, who has reported, accounts, who did what."""
