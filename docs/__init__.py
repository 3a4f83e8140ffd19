"""The documentation: Markdown pages, the generator of the reference pages, and what runs the pages' examples."""
