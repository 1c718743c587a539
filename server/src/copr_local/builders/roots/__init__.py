"""Installed roots: builds see the packages of their chroot, and not the programs of this machine."""
