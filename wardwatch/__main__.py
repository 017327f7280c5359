"""`python -m wardwatch` is the command line."""

from wardwatch.cli import main

if __name__ == "__main__":
    main()
