"""What can go wrong while installing."""


class InstallError(Exception):
    """The database cannot be installed to as it is: what, and what to do next."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
