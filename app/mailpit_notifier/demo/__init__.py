"""A stand-in for Mailpit that runs in its own process, for --demo and for tests.

The application imports only `process`. From bottom to top: message_source (parses a message), message (its JSON),
mailbox (all messages, search, changes), http (requests and answers), handlers (REST and pages), server (HTTP,
websockets and SMTP) and __main__.
"""
