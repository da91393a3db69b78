"""Pages: the screens of the office, rendered on the server; they work without JavaScript."""
