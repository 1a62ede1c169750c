"""What the bulletin's page is made of: pages and files, publishing, what has moved since."""
