"""One system a file. `gradproof.lectures.systems()` walks this folder."""
