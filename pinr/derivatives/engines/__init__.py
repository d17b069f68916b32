"""Engines: ways to answer a request for derivatives."""
