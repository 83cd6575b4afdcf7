"""What happens in screen recordings: changes are collected while pictures come, and understood when all are known."""
