"""The connection to a Mailpit server: sockets, websocket, REST, and the session that keeps an inbox current. No Qt."""
