"""Dnf metadata of a folder with RPMs."""
