"""What each command of `aimc` does; cli.py says which options it takes."""
