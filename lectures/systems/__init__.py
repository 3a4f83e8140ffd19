"""One system a file. `gradproof.lectures.all_systems()` walks this folder."""
