"""Mailpit's protocol as values: addresses, messages, events, faults. Pure; imports `runtime` only."""
