"""Jobs for others: what was asked is kept in a database, workers do it, and it is told when it is done."""
