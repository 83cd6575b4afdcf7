"""MLT XML for melt and Shotcut, and projects for Kdenlive."""
