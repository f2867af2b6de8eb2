"""The lab: a real Asterisk and sipp on loopback, for tests and for proofs."""
