"""What everybody may see without a login."""
