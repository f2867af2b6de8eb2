"""Price lists: tariffs and their rates."""
