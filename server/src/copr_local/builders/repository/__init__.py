"""Writes the dnf metadata of a folder of RPMs."""
