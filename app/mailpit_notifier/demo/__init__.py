"""A stand-in for Mailpit that runs in its own process, for --demo and for tests.

The application imports only `process`. From bottom to top: source (parses a message), message (its
JSON), mailbox (all messages, search, changes), hub (websocket), http, rest, server (HTTP and SMTP) and __main__.
"""
