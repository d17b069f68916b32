"""Derivatives of networks: jets, reverse mode and nested autograd behind one interface."""
