"""Users, their cash, and what their holdings are worth."""
