"""Why a check failed, in words."""

from wardwatch.model.text import Words


class CheckFailed(Exception):
    """A service did not do what was expected of it."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(vi, en)


def ended(doing: str) -> CheckFailed:
    """The far end closed the connection."""
    return CheckFailed(f"Máy chủ đóng kết nối giữa chừng ({doing})", f"The server closed the connection ({doing})")
