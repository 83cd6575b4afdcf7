"""What the database holds: plain functions over a connection, one module per thing."""
