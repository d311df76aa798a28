"""`python -m docservice` is the `docservice` command."""

from docservice.cli import main

main()
