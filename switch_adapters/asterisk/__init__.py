"""Driving one Asterisk: its static configuration, its files of devices and providers, its deadlines and its records."""
