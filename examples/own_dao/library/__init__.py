"""The loans of a library: a DAO on boto3, and its port to PynamoDB."""
