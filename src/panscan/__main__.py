"""`python -m panscan`: the command line."""

from panscan.cli import main

if __name__ == "__main__":
    main()
