"""From what was submitted to a source RPM, to RPMs, to a dnf repository: pure functions over tasks.

Nothing here knows the wire, the rules or the database. The four entry points are
`source.build_source`, `rpmbuild.build_chroot`, `repository.update_repository` and, for what they are
asked and answer, `tasks`. Everything that comes from outside (a source RPM, a spec, its scriptlets) is
read and run by programs inside `sandbox` only.
"""
