"""Proof that a new data access object behaves as the one it replaces.

The same test suite runs against two classes, the *control* (the old one) and the *candidate* (the new one), on a
DynamoDB engine; everything that can be observed of the two is compared call by call.  The package knows DynamoDB and
botocore, and no project's classes: those are named in ``parity.toml`` or on the command line.
"""

__all__: list[str] = []
