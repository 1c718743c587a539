"""The source step: a submission becomes one source RPM, or fails with a reason of one line."""

from __future__ import annotations

import gzip
import socket
import subprocess
import threading
import time

import pytest

from copr_local.builders import rpm, tools
from copr_local.builders.sources import source_build
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildCancelled, BuildFailed, Limits, SourceResult


def log_of(task):
    return (task.directory / "builder-live.log").read_text()


def fails(task, reason=None):
    """Run a build that fails with a reason of one line, which ends the log, and leaves only the log."""
    with pytest.raises(BuildFailed, match=reason) as caught:
        build_source(task)
    assert "\n" not in str(caught.value)
    assert log_of(task).endswith(f"\nBuild failed: {caught.value}\n")
    assert sorted(path.name for path in task.directory.iterdir()) == [
        "builder-live.log",
        "builder-live.log.gz",
    ]
    return str(caught.value)


def test_an_uploaded_source_rpm_is_read_and_published(make_srpm, source_task, spec):
    task = source_task(make_srpm(spec()))
    result = build_source(task)
    assert result == SourceResult("hello", "1.0-1", task.directory / "hello-1.0-1.src.rpm")
    assert result.srpm.read_bytes() == task.uploaded.read_bytes()
    assert log_of(task).splitlines()[-1].startswith("Built hello-1.0-1.src.rpm in ")
    assert gzip.decompress((task.directory / "builder-live.log.gz").read_bytes()).decode() == log_of(task)


@pytest.mark.parametrize("epoch", [0, 2])
def test_an_epoch_is_part_of_the_version_but_not_of_the_file_name(make_srpm, source_task, spec, epoch):
    result = build_source(source_task(make_srpm(spec(f"Epoch: {epoch}"))))
    assert (result.version, result.srpm.name) == (f"{epoch}:1.0-1", "hello-1.0-1.src.rpm")


def test_the_architectures_in_a_header_exclude_no_chroot(make_srpm, source_task, spec):
    """They are those of the machine that made the source RPM; the spec is read for each chroot."""
    srpm = make_srpm(spec("ExclusiveArch: x86_64, %{some_arches}\nExcludeArch: i686", noarch=False))
    result = build_source(source_task(srpm))
    assert (result.exclusive_arch, result.exclude_arch) == ((), ())


def test_a_macro_in_the_release_is_kept_for_the_chroots(make_srpm, source_task, spec):
    srpm = make_srpm(spec().replace("Release: 1", "Release: 2.ghc%{ghc}"))
    result = build_source(source_task(srpm))
    assert (result.version, result.srpm.name) == ("1.0-2.ghc%{ghc}", "hello-1.0-2.ghc_ghc_.src.rpm")


@pytest.mark.parametrize(("project", "kind"), [("alice/hello", "user"), ("@devs/hello", "group")])
def test_a_spec_sees_the_project_when_its_source_rpm_is_made(source_task, spec, tmp_path, project, kind):
    upload = tmp_path / "hello.spec"
    version = "Version: 1.0%{?copr_username:.1}%{?copr_projectname:.2}%{?buildtag}"
    upload.write_text(spec().replace("Version: 1.0", version))
    result = build_source(source_task(upload, project=project))
    assert result.version == "1.0.1.2.copr7-1"
    owner = project.partition("/")[0]
    query = ["rpm", "--query", "--package", "--nosignature", "--queryformat", "%{VENDOR}", result.srpm]
    shown = subprocess.run(query, check=True, capture_output=True, text=True).stdout
    assert shown == f"Copr - {kind} {owner}"


def test_a_macro_in_the_name_fails_and_is_named(make_srpm, source_task, spec):
    srpm = make_srpm(spec(name="hello%{?nothing}-%{flavour}"))
    reason = "the name of .* is hello-%{flavour}: the macro %flavour is not defined"
    fails(source_task(srpm, source={"pkg": "x.src.rpm"}), reason)


@pytest.mark.parametrize("length", [101, 200, 231])
def test_a_release_can_be_as_long_as_a_file_name(make_srpm, source_task, spec, length):
    srpm = make_srpm(spec().replace("Release: 1", "Release: " + "1" * length))
    assert build_source(source_task(srpm)).srpm.name == f"hello-1.0-{'1' * length}.src.rpm"


def test_the_name_of_the_upload_does_not_matter(make_srpm, source_task, spec):
    srpm = make_srpm(spec())
    task = source_task(srpm, source={"pkg": "../../--other name.src.rpm"})
    assert build_source(task).srpm.name == "hello-1.0-1.src.rpm"


def test_a_source_rpm_without_its_sources_is_a_nosrc_rpm(make_srpm, source_task, spec, tmp_path):
    srpm = make_srpm(spec("Source0: secret.bin\nNoSource: 0"), {"secret.bin": "x"})
    renamed = srpm.rename(tmp_path / "hello-1.0-1.nosrc.rpm")
    assert build_source(source_task(renamed)).srpm.name == "hello-1.0-1.nosrc.rpm"


def test_a_spec_alone_is_made_into_a_source_rpm_for_all_chroots(source_task, spec, tmp_path):
    upload = tmp_path / "hello.spec"
    upload.write_text(spec())
    result = build_source(source_task(upload))
    assert (result.name, result.version) == ("hello", "1.0-1")
    assert result.srpm.name == "hello-1.0-1.src.rpm"


def test_a_source_rpm_is_made_as_on_fedora(source_task, spec, tmp_path, file_server):
    (file_server.folder / "fedora.txt").touch()
    upload = tmp_path / "hello.spec"
    source = f"Source0: {file_server.url}/fedora.txt"
    upload.write_text(spec(f"%if 0%{{?fedora}}\n{source}\n%endif\n%if 0%{{?rhel}}\nSource1: x\n%endif"))
    result = build_source(source_task(upload))
    listed = subprocess.run(["rpm", "-qlp", result.srpm], check=True, capture_output=True, text=True).stdout
    assert listed.split() == ["fedora.txt", "hello.spec"]
    assert result.version == "1.0-1"


def test_sources_that_a_spec_names_by_url_are_downloaded(source_task, spec, tmp_path, file_server):
    (file_server.folder / "hello-1.0.txt").write_text("hello")
    upload = tmp_path / "hello.spec"
    upload.write_text(spec(f"Source0: {file_server.url}/%{{name}}-%{{version}}.txt"))
    task = source_task(upload)
    assert build_source(task).srpm.exists()
    assert f"Downloading {file_server.url}/hello-1.0.txt\n5 bytes\n" in log_of(task)


def test_sources_and_patches_in_lists_are_downloaded(source_task, spec, tmp_path, file_server):
    for name in ("hello-1.0.txt", "fix.patch", "other.patch"):
        (file_server.folder / name).write_text(name)
    upload = tmp_path / "hello.spec"
    url = file_server.url
    lists = f"""\
%sourcelist
# The text
{url}/%{{name}}-%{{version}}.txt

%patchlist
  {url}/a/long/way?to=x#/fix.patch
%if 0%{{?rhel}}
{url}/other.patch
%endif
%description -l de
Source9: {url}/nothing.txt"""
    (file_server.folder / "a" / "long").mkdir(parents=True)
    (file_server.folder / "a" / "long" / "way").write_text("x")
    upload.write_text(spec(lists))
    srpm = build_source(source_task(upload)).srpm
    listed = subprocess.run(["rpm", "-qlp", srpm], check=True, capture_output=True, text=True).stdout
    assert listed.split() == ["fix.patch", "hello-1.0.txt", "hello.spec"]


def test_a_spec_whose_source_is_missing_fails(source_task, spec, tmp_path):
    upload = tmp_path / "hello.spec"
    upload.write_text(spec("Source0: %{name}-1.0.tar.gz"))
    text = "hello.spec needs hello-1.0.tar.gz, which was not submitted with it: submit a source RPM instead"
    assert fails(source_task(upload), "needs") == text


def test_a_spec_that_does_not_parse_fails_with_the_reason_of_rpm(source_task, tmp_path):
    upload = tmp_path / "hello.spec"
    upload.write_text("Name: hello\n%if\n")
    assert "rpmspec exited with 1: " in fails(source_task(upload), "hello.spec cannot be parsed")


def test_an_empty_spec_fails(source_task, tmp_path):
    upload = tmp_path / "hello.spec"
    upload.touch()
    assert fails(source_task(upload)) == "hello.spec is empty"


def test_a_spec_that_cannot_be_packed_fails_with_the_reason_of_rpm(source_task, spec, tmp_path):
    upload = tmp_path / "hello.spec"
    upload.write_text(spec().replace("Summary: A package of the tests\n", ""))
    assert fails(source_task(upload)).startswith("hello.spec cannot be parsed: rpmspec exited with 1: ")


def test_a_spec_that_puts_its_source_rpm_elsewhere_fails(source_task, spec, tmp_path):
    upload = tmp_path / "hello.spec"
    upload.write_text(spec("%define _srcrpmdir %{_builddir}"))
    assert fails(source_task(upload)) == "rpmbuild made no source RPM in its output folder"


def test_the_macros_of_a_spec_run_in_the_sandbox(source_task, spec, tmp_path, bubblewrap):
    secret = tmp_path / "secret"
    secret.write_text("treasure")
    upload = tmp_path / "hello.spec"
    upload.write_text(spec(f"URL: https://%(touch {secret}.found; cat {secret} || echo unseen)"))
    result = build_source(source_task(upload))
    assert b"https://unseen" in result.srpm.read_bytes()
    assert not (tmp_path / "secret.found").exists()


def truncated(data, part):
    return data[: int(len(data) * part)]


@pytest.mark.parametrize("part", [0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_source_rpm_fails(make_srpm, source_task, spec, tmp_path, part):
    upload = tmp_path / "hello.src.rpm"
    upload.write_bytes(truncated(make_srpm(spec("Source0: a.txt"), {"a.txt": "a" * 5000}).read_bytes(), part))
    text = fails(source_task(upload), "is not a source RPM")
    assert text.startswith("hello.src.rpm is not a source RPM: it is damaged or truncated: ")


def test_a_damaged_source_rpm_fails(make_srpm, source_task, spec):
    upload = make_srpm(spec())
    data = bytearray(upload.read_bytes())
    data[-20] ^= 1
    upload.write_bytes(data)
    assert "its digests do not match" in fails(source_task(upload), "damaged or truncated")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"hello\n", "it does not begin as an RPM does"),
        (b"/etc/passwd\n", "it does not begin as an RPM does"),
        (rpm.MAGIC, "it is damaged or truncated: rpm cannot read it"),
        (rpm.MAGIC + b"\0" * 5000, "it is damaged or truncated: rpm cannot read it"),
    ],
)
def test_what_is_not_a_source_rpm_fails(source_task, tmp_path, content, reason):
    upload = tmp_path / "hello.src.rpm"
    upload.write_bytes(content)
    assert fails(source_task(upload)) == f"hello.src.rpm is not a source RPM: {reason}"


def test_a_built_package_is_not_a_source_rpm(make_srpm, source_task, chroot_task, spec, build_rpm):
    upload = build_rpm(spec())
    text = "hello-1.0-1.noarch.rpm is not a source RPM: it is a built package for noarch"
    assert fails(source_task(upload)) == text


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"evil-source.txt", b"../../../evil.t", "its basenames is '../../../evil.t'"),
        (b"hello\0", b"he/lo\0", "its name is 'he/lo'"),
        (b"hello\0", b"-hell\0", "its name is '-hell'"),
        (b"hello\0", b"h\nllo\0", "its header has an unexpected 'llo'"),
        (b"\x001.0\0", b"\x00../\0", "its version is '../'"),
        (b"1.0\x001\0", b"1.0\0\n\0", "its release is ''"),
    ],
)
def test_a_header_that_names_other_places_fails(make_srpm, source_task, spec, forge, old, new, reason):
    plain = ("--define", "_source_payload w.ufdio")
    upload = make_srpm(spec("Source0: evil-source.txt"), {"evil-source.txt": "x"}, *plain)
    forge(upload, old, new)
    text = fails(source_task(upload))
    assert text == f"hello-1.0-1.src.rpm is not a source RPM: rpmbuild did not make it: {reason}"


def test_a_missing_upload_fails(source_task, tmp_path):
    fails(source_task(tmp_path / "gone.src.rpm"), "the file .*gone.src.rpm does not exist")


def test_a_source_rpm_is_fetched_from_a_url(make_srpm, source_task, spec, file_server):
    srpm = make_srpm(spec())
    srpm.rename(file_server.folder / "hello-1.0-1.src.rpm")
    url = f"{file_server.url}/hello-1.0-1.src.rpm?raw=1"
    assert build_source(source_task(source_type="link", source={"url": url})).name == "hello"


def test_a_source_rpm_is_fetched_from_a_file_url(make_srpm, source_task, spec):
    url = make_srpm(spec()).as_uri()
    assert build_source(source_task(source_type="link", source={"url": url})).name == "hello"


def test_a_spec_is_fetched_from_a_url(source_task, spec, file_server):
    (file_server.folder / "hello.spec").write_text(spec())
    url = f"{file_server.url}/hello.spec"
    assert build_source(source_task(source_type="link", source={"url": url})).version == "1.0-1"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "the URL does not end with .src.rpm, .nosrc.rpm or .spec: ''"),
        ("http://127.0.0.1/hello.tar.gz", "the URL does not end with"),
        ("ftp://127.0.0.1/hello.src.rpm", "only http, https and file URLs can be fetched"),
        ("file://elsewhere/hello.src.rpm", "only http, https and file URLs can be fetched"),
        ("file:///dev/zero/hello.src.rpm", "the file .* does not exist"),
        ("http://[::1/hello.src.rpm", "is not a valid URL: Invalid IPv6 URL"),
        ("http://127.0.0.1:1/hello.src.rpm", "cannot download .*: .*Connection refused"),
    ],
)
def test_a_url_that_cannot_be_fetched_fails(source_task, url, reason):
    fails(source_task(source_type="link", source={"url": url}), reason)


def test_credentials_in_a_url_are_neither_sent_nor_logged(source_task, file_server):
    url = file_server.url.replace("://", "://user:secret@") + "/hello.src.rpm"
    task = source_task(source_type="link", source={"url": url})
    assert "secret" not in fails(task, "the URL has credentials")
    assert "secret" not in log_of(task)


def test_an_error_of_the_web_server_fails(source_task, file_server):
    url = f"{file_server.url}/hello.src.rpm"
    task = source_task(source_type="link", source={"url": url})
    assert fails(task) == f"cannot download {url}: the server answered 404 File not found"


def test_a_download_over_the_size_limit_fails(source_task, file_server):
    (file_server.folder / "hello.src.rpm").write_bytes(b"x" * 2_000_000)
    url = f"{file_server.url}/hello.src.rpm"
    task = source_task(source_type="link", source={"url": url}, limits=Limits(disk=1_000_000))
    fails(task, "it is 2000000 bytes long, more than the 1000000 allowed")


@pytest.fixture
def raw_server():
    """Serve fixed bytes to one client, then close the connection or keep it open."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept = []
        threads = []

        def serve(answer, keep, then):
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # the test has finished without a connection
            connection.recv(4096)
            connection.sendall(answer)
            then()
            if keep:
                kept.append(connection)
            else:
                connection.close()

        def start(answer, *, keep=False, then=lambda: None):
            threads.append(threading.Thread(target=serve, args=(answer, keep, then)))
            threads[-1].start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}/hello.src.rpm"

        yield start
        listener.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
        for connection in kept:
            connection.close()


def test_a_download_that_is_cut_fails(source_task, raw_server):
    url = raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort")
    task = source_task(source_type="link", source={"url": url})
    fails(task, "the connection ended after 5 of 1000 bytes")


def test_a_redirect_to_a_file_is_not_followed(source_task, raw_server, tmp_path):
    url = raw_server(b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")
    fails(source_task(source_type="link", source={"url": url}), "cannot download")


def test_a_server_that_goes_silent_is_ended_by_the_time_limit(source_task, raw_server):
    url = raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nsome", keep=True)
    task = source_task(source_type="link", source={"url": url}, timeout=1)
    fails(task, r"it ran longer than 1 s \(timeout\)")


def test_cancel_ends_a_download_at_once(source_task, raw_server):
    began = []

    def cancel():
        began.append(time.monotonic())
        task.cancelled.set()

    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nsome"
    url = raw_server(answer, keep=True, then=lambda: threading.Timer(0.5, cancel).start())
    task = source_task(source_type="link", source={"url": url})
    with pytest.raises(BuildCancelled):
        build_source(task)
    assert time.monotonic() - began[0] < 2
    assert log_of(task).endswith("\nBuild cancelled.\n")


def test_a_source_type_that_is_not_there_says_so(source_task):
    text = "source type 'tarball' is not supported yet by this service"
    assert fails(source_task(source_type="tarball", source={})) == text


def test_an_error_of_the_service_itself_ends_the_log_too(source_task, monkeypatch):
    def broken(*_):
        raise RuntimeError("no such luck")

    monkeypatch.setitem(source_build.SOURCES, "upload", broken)
    task = source_task()
    with pytest.raises(RuntimeError, match="no such luck"):
        build_source(task)
    assert log_of(task).endswith("\nBuild failed: error in the service: RuntimeError: no such luck\n")


def test_a_machine_without_rpmbuild_says_what_to_install(make_srpm, source_task, spec, monkeypatch):
    task = source_task(make_srpm(spec()))
    monkeypatch.setattr(tools, "find", lambda _: None)
    text = "rpmbuild is not installed: apt-get install rpm / dnf install rpm-build"
    assert fails(task) == text


def test_a_second_attempt_begins_afresh(make_srpm, source_task, spec):
    task = source_task(make_srpm(spec()))
    (task.directory / ".work" / "home").mkdir(parents=True)
    (task.directory / "old-1-1.src.rpm").touch()
    (task.directory / "builder-live.log").write_text("old\n")
    build_source(task)
    assert "old" not in log_of(task)
    assert sorted(path.name for path in task.directory.iterdir()) == [
        "builder-live.log",
        "builder-live.log.gz",
        "hello-1.0-1.src.rpm",
    ]
