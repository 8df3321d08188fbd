"""The base of all layers: event loop, threads, tasks, child processes, files, translation. Imports no other package."""
