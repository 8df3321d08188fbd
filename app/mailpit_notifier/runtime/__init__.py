"""What every layer stands on: event loop, threads, tasks, child processes, files, translation. Imports nothing else."""
