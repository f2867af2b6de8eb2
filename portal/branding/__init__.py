"""What an operator looks like to its own people: name, colours, pictures, texts, and the domains it is reached by."""
