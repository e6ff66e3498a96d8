"""`parity init`: a project's first parity.toml, connection and suite, made of two classes."""

from parity.start.commands import init

__all__ = ["init"]
