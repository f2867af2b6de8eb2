"""What is sold: plans, addons, allowances, and the one gate that enforces limits."""
