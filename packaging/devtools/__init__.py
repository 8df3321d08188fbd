"""The code of `packaging/dev`. Standard library only, because it runs before anything is installed."""
