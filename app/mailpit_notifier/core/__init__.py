"""The knowledge and decisions of the program, as pure values and functions: no Qt, no asyncio, no threads, no clock."""
