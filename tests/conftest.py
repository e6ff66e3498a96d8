"""What all tests stand on."""

import signal


def pytest_configure() -> None:
    """Let Ctrl-C reach what the tests start: a shell's background jobs ignore it, and hand that on."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
