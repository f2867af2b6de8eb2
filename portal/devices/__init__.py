"""What makes calls: SIP accounts."""
