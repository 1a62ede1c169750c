"""What an address can be wrong in."""


class BadAddress(ValueError):
    """The address asks for what cannot be; the message is a Chinese sentence."""
