"""The rooms of one operator: the model, deeds, pages and API of a subject stay together in its room."""
