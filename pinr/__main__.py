"""`python -m pinr` is `pinr`."""

from pinr.cli.app import main

if __name__ == "__main__":
    main()
