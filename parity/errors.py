"""What the harness raises.

ParityError            the run could not be judged; the message says why and what to do (exit code 3)
├── ConfigError        parity.toml or the command line names something that is not there
├── ExpressionError    a request holds an expression that is none
├── PeerError          the process of the other side ended or answered with rubbish
└── EngineError        an engine could not be found, started or reached (parity.engines)
"""

__all__ = ["ConfigError", "ExpressionError", "ParityError", "PeerError"]


class ParityError(Exception):
    """The run could not be judged: one clear line of what was wrong and what to do."""


class ConfigError(ParityError):
    """parity.toml, or an argument on the command line, is wrong."""


class ExpressionError(ParityError):
    """A request holds an expression that DynamoDB's grammar does not know."""


class PeerError(ParityError):
    """The process that reads for the other side ended or could not be started."""
