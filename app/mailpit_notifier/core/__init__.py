"""What the program knows and decides, as pure values and functions: no Qt, no asyncio, no threads, no clock."""
