"""Pages that move by themselves: the channel layer and the websocket of live calls."""
