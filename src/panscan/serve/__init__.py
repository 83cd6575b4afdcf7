"""A local service that makes plans for panels inside editors. The work itself is handed in by the command line."""
