"""`python -m gateway` is `faxgate`."""

from gateway.cli import main

main()
