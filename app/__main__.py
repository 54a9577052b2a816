"""`python -m app` is the same as `voicememo`."""

from app.cli import main

main()
