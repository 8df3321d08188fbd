"""What Mailpit says, as values: addresses, messages, events, faults. Pure; imports `runtime` only."""
