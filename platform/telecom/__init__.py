"""The arithmetic of a telephone call: numbers, prices, routes, limits, settlement. Pure: no Django, clock or chance."""
