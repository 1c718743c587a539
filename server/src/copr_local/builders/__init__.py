"""The steps from a submitted source to a source RPM, to RPMs, to a dnf repository.

The builders take tasks and return results; they do not use HTTP, the rules or the database. The entry points
are `sources.source_build.build_source`, `chroot_build.build_chroot` and
`repository.update.update_repository`; `tasks` defines the tasks and the results. Files from outside (a source
RPM, a spec, its scriptlets) are read and run only by programs inside the sandbox.
"""
