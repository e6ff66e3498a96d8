"""A faster way through botocore and PynamoDB to the same results; docs/fastpath.md tells how and why.

`client` speeds up a botocore client, `rows` the loading of PynamoDB's models. Nobody but the new DAOs uses either.
"""
