"""Call Tracing: why a call would go where it goes and cost what it costs, asked of the engine of real calls."""
