"""Users, who sign in, and customers, who pay."""
