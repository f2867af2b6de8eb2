"""Media-server nodes: who they are, whether they live, and the client for the exchange's HTTP face."""
