"""The connection to a Mailpit server: dialling, websocket, REST, and the session that keeps an inbox in step. No Qt."""
