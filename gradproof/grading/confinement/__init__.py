"""Running code that nobody trusts: the sandbox, what runs inside it, and the ladder of isolation."""
