"""What the merged matrix looks like: pure functions of the cells' findings."""
