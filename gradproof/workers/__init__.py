"""Every framework answers in its own process: one wire protocol, one worker for each implementation."""
