"""What the program knows and decides. No Qt, no asyncio, no threads, no clock: values in, values out."""
