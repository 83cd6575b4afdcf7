"""One canvas from one decoded picture."""
