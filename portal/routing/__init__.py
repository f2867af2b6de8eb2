"""Carriers and the order in which they are tried: providers and LCRs."""
