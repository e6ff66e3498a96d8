"""What of this folder is collected."""

# A project of its own, that the tests beside it run the harness on.
collect_ignore = ["notes"]
