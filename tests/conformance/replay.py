#!/usr/bin/env python3
"""Replay recorded HTTP exchanges against a service and count those it answers alike.

    replay.py [-v] --base URL --backdoor FILE.py:CLASS TRANSCRIPT.jsonl...

Lines of all transcripts are merged and ordered by `n`; the service must be empty (users, groups and chroots
only).  The backdoor carries out the `event` lines and knows the users' secrets:
    CLASS(base).credentials(user) -> (login, token);  CLASS(base).event(event)
    CLASS.hosts: recorded host -> host to send (optional)
Binary uploads are sent as the file named by REPLAY_SRPM.

Alike means: same status; same main content type, Allow, Warning and Location; same JSON, where
  * ids agree up to one consistent renaming per kind, secrets and cookies likewise,
  * times agree in type, dates in form,
  * scheme and host of a URL do not count where the client never sent that host (the service's own),
  * what the service itself draws at random (upload directories, UUIDs, commit hashes) agrees in form,
  * lists and enumerations whose order depends on the clock or on hashing (UNORDERED, LISTED) agree as sets;
other text equal, HTML pages only in being HTML.
"""
import argparse, base64, collections, http.client, importlib.util, json, os, re, sys, urllib.parse

TIMES = re.compile(r"(^|_)(on|at|time|timestamp|modified|delete_after)$")       # keys of instants
SECRETS = re.compile(r"(secret|api_token|api_login|^tmp)$")                     # keys of random values
RANDOM = re.compile(r"(?<=/tmp/)[^/\s\"]+(?=/)|\b[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b[0-9a-f]{40}\b")
DATE = re.compile(r"\b20\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?)?\b")
HOST = re.compile(r"https?://([^/\s\"'<>?#]+)")
UNORDERED = {("/api/coprs/", "repos"),              # v1 sorts projects by the second of their last build: ties fall either way
             ("/api_3/project/search", "items"),    # equal hits come in the order of the index's files
             ("/api_3/build", "chroots")}           # rows of a build, in no order
ARBITRARY = {"project_list"}                # labels: this `order=name` of 2020 reaches no column, any rows may come
LISTED = {"error", "message"}               # texts whose "a, b, c" come from a set, or from rows in no order
ID_KEYS = {"build_id": "build", "builds": "build", "ids": "build", "build_ids": "build", "after_build_id": "build",
           "with_build_id": "build", "project_id": "project", "copr_id": "project", "copr_dir_id": "dir",
           "package_id": "package", "user_id": "user"}
NEVER_HELD = 90000                                                              # ids from here on mean "no such thing"


class Names:
    """What the recording calls a thing, and what the service under test calls it."""

    def __init__(self):
        self.ids = collections.defaultdict(dict)        # kind -> recorded id -> id here
        self.words = {}                                 # recorded secret -> secret here

    def same_id(self, kind, there, here):
        """Learn or check that `there` is `here`."""
        known = self.ids[kind]
        if there in known: return known[there] == here
        if there >= NEVER_HELD: return there == here
        if here in known.values(): return False
        known[there] = here
        return True

    def id(self, kind, there):
        return self.ids[kind].get(there, there)

    def in_text(self, text):
        for there, here in self.words.items(): text = text.replace(there, here)
        return text

    def in_path(self, path):
        parts = self.in_text(path).split("/")
        for i, part in enumerate(parts):
            if part.isdigit():
                kind = "project" if parts[i - 1] in ("projects", "custom", "github", "gitlab") else "build"
                parts[i] = str(self.id(kind, int(part)))
        return "/".join(parts)

    def in_query(self, query):
        return re.sub(r"\b(build_id|project_id)=(\d+)",
                      lambda m: "%s=%d" % (m[1], self.id(ID_KEYS[m[1]], int(m[2]))), query)

    def in_json(self, x, key=None):
        if isinstance(x, dict): return {k: self.in_json(v, k) for k, v in x.items()}
        if isinstance(x, list): return [self.in_json(v, key) for v in x]
        if key in ID_KEYS and isinstance(x, int) and not isinstance(x, bool): return self.id(ID_KEYS[key], x)
        return x

    def in_body(self, text):
        if not re.search(r'"(%s)"' % "|".join(ID_KEYS), text): return text
        try: old = json.loads(text)
        except ValueError: return text
        new = self.in_json(old)
        return text if new == old else json.dumps(new)


def both_json(*texts):
    try: return [json.loads(t) for t in texts]
    except ValueError: return None


class Compare:
    """Collects the differences between one recorded and one new response."""

    def __init__(self, names, client_hosts, row):
        self.names, self.client_hosts, self.found = names, client_hosts, []
        self.path, self.query, self.label = row["path"], row["query"], row["label"]

    def note(self, where, there, here):
        self.found.append("%s: recorded %s, here %s" % (where, json.dumps(there)[:300], json.dumps(here)[:300]))

    def text(self, s):
        s = HOST.sub(lambda m: m[0] if m[1] in self.client_hosts else "SERVICE", s)
        return RANDOM.sub("RANDOM", DATE.sub("DATE", s))

    def kind(self, key, owner):
        """Which kind of thing the id under `key` of the dict `owner` names."""
        if key is None: return "build"                  # a bare number: the build a webhook started
        if key != "id": return ID_KEYS.get(key)
        for sign, kind in (("source_package", "build"), ("submitted_on", "build"), ("chroot_repos", "project"),
                           ("owner", "project"), ("source_type", "package"), ("source_type_text", "package")):
            if sign in owner: return kind
        area = (self.path.split("/") + ["", ""])[2].rstrip("s")
        return {"webhook": "project"}.get(area, area)

    def value(self, where, there, here, key=None, owner=()):
        if TIMES.search(str(key)) and isinstance(there, (int, float)) and not isinstance(there, bool):
            if isinstance(here, bool) or not isinstance(here, (int, float)): self.note(where, there, here)
        elif type(there) is not type(here): self.note(where, there, here)
        elif isinstance(there, dict):
            for k in sorted(there.keys() | here.keys(), key=lambda k: (k[0:1] == "_", k)):      # links after ids
                if k not in there: self.note("%s.%s" % (where, k), "(absent)", here[k])
                elif k not in here: self.note("%s.%s" % (where, k), there[k], "(absent)")
                else: self.value("%s.%s" % (where, k), there[k], here[k], k, there)
        elif isinstance(there, list):
            if len(there) != len(here): self.note(where + " (length)", len(there), len(here))
            if self.label in ARBITRARY and key == "items":
                there, here = ([" ".join(sorted({k for x in rows if isinstance(x, dict) for k in x}))] for rows in (there, here))
            elif any(self.path.startswith(start) and key == name for start, name in UNORDERED):
                there, here = (sorted(x, key=lambda v: self.text(json.dumps(v, sort_keys=True))) for x in (there, here))
            for i, (a, b) in enumerate(zip(there, here)): self.value("%s[%d]" % (where, i), a, b, key, owner)
        elif SECRETS.search(str(key)) and isinstance(there, str):
            if there not in ("", "REDACTED"): self.names.words.setdefault(there, here)
        elif isinstance(there, int) and not isinstance(there, bool) and self.kind(key, owner):
            if not self.names.same_id(self.kind(key, owner), there, here): self.note(where, there, here)
        elif isinstance(there, str):
            if re.match(r"\s*\{.*\}\s*$", there, re.S) and (both := both_json(there, here)): self.value(where, *both)
            elif not self.same_text(there, here, key): self.note(where, there, here)
        elif there != here: self.note(where, there, here)

    def same_text(self, there, here, key):
        a, b = self.text(self.names.in_text(there)), self.text(here)
        if self.same_words(a, b): return True
        if key in LISTED and ", " in a:
            left = re.split(r"[,\s]+", b)
            for word in re.split(r"[,\s]+", a):
                match = next((w for w in left if self.same_words(word, w)), None)
                if match is None: return False
                left.remove(match)
            return not left
        missing = [re.fullmatch(r"Missing argument ((?:owner|project|package|chroot)name|build_id)", s) for s in (a, b)]            # of several, any
        return all(missing) and not any(re.search(r"\b%s=" % m[1], self.query) for m in missing)

    def same_words(self, a, b):
        """Equal but for numbers that name the same thing in different ids."""
        a, b = re.split(r"(\d+)", a), re.split(r"(\d+)", b)
        return len(a) == len(b) and all(x == y or i % 2 and any(ids.get(int(x)) == int(y) for ids in self.names.ids.values())
                                        for i, (x, y) in enumerate(zip(a, b)))

    def response(self, old, status, headers, body):
        if old["status"] != status: self.note("status", old["status"], status)
        was = {k.lower(): v for k, v in old["response_headers"].items()}
        main = lambda h: (h.get("content-type") or "").split(";")[0]
        if main(was) != main(headers): self.note("Content-Type", main(was), main(headers))
        allow = lambda h: sorted(re.findall(r"\w+", h.get("allow", "")))
        if allow(was) != allow(headers): self.note("Allow", allow(was), allow(headers))
        m, n = (re.search(r"/(build|project)s/(\d+)$", h.get("location") or "") for h in (was, headers))
        if m and n and m[1] == n[1]: self.names.same_id(m[1], int(m[2]), int(n[2]))
        for name in ("warning", "location"): self.value(name.title(), was.get(name), headers.get(name), name)
        cookie = lambda h: re.match(r"session=([^;]+)", h.get("set-cookie", ""))
        if cookie(was) and cookie(headers): self.names.words.setdefault(cookie(was)[1], cookie(headers)[1])
        if old["method"] == "HEAD": return self.found
        html = lambda s: bool(re.search(r"<HTML page|<!doctype html|<html", s, re.I))
        if html(old["response_body"]):
            if not html(body): self.note("body", "an HTML page", body)
            return self.found
        try: there = json.loads(old["response_body"])
        except ValueError:
            self.value("body", old["response_body"].strip(), body.strip()); return self.found
        try: here = json.loads(body)
        except ValueError:
            self.note("body (no JSON)", old["response_body"], body); return self.found
        self.value("$", there, here)
        return self.found


class Replay:
    def __init__(self, base, backdoor, rows, srpm):
        self.at = urllib.parse.urlsplit(base)
        self.backdoor, self.srpm, self.names = backdoor, srpm, Names()
        self.hosts = dict({"copr.example.test": self.at.netloc}, **getattr(backdoor, "hosts", {}))
        sent = "\n".join(r["query"] + json.dumps([r["request_body"], r.get("request_parts")]) for r in rows if "event" not in r)
        self.client_hosts = set(HOST.findall(urllib.parse.unquote(sent).replace("\\n", "\n"))) - {"copr.example.test", self.at.netloc}

    def out(self, text):
        for there, here in self.hosts.items(): text = text.replace(there, here)
        return text

    def back(self, text):
        for there, here in self.hosts.items():
            text = text.replace(here, there).replace(urllib.parse.quote(here), there)
        return text

    def multipart(self, parts, boundary):
        out = b""
        for p in parts:
            text = p.get("text")
            binary = text is None or text.startswith("<binary ")
            data = self.srpm() if binary else self.out(self.names.in_body(text)).encode()
            head = 'Content-Disposition: form-data; name="%s"' % p["name"]
            if p["filename"] is not None: head += '; filename="%s"' % p["filename"]
            if p["content_type"]: head += "\r\nContent-Type: " + p["content_type"]
            out += b"--%s\r\n%s\r\n\r\n%s\r\n" % (boundary.encode(), head.encode(), data)
        return out + b"--%s--\r\n" % boundary.encode()

    def send(self, row):
        headers = {"Host": self.at.netloc, "Accept": "*/*", "Accept-Encoding": "identity"}
        headers.update({k: self.names.in_text(v) for k, v in row["request_headers"].items()})
        who = row["as"]
        if who and who.startswith("raw:"): headers["Authorization"] = who[4:]
        elif who:
            name, _, bad = who.partition(":")
            login, token = self.backdoor.credentials(name)
            headers["Authorization"] = "Basic " + base64.b64encode(("%s:%s" % (login, "wrong" if bad else token)).encode()).decode()
        body = row["request_body"]
        parts = row.get("request_parts") or (body["multipart"] if isinstance(body, dict) else None)
        if parts is not None:
            ctype = next(v for k, v in headers.items() if k.lower() == "content-type")
            data = self.multipart(parts, re.search(r'boundary="?([^";]+)', ctype)[1])
        else: data = self.out(self.names.in_body(body or "")).encode()
        if data or row["method"] in ("POST", "PUT", "PATCH"): headers["Content-Length"] = str(len(data))
        target = self.names.in_path(row["path"]) + ("?" + self.out(self.names.in_query(row["query"])) if row["query"] else "")
        conn = http.client.HTTPConnection(self.at.hostname, self.at.port or 80, timeout=120)
        try:
            conn.putrequest(row["method"], target, skip_host=True, skip_accept_encoding=True)
            for k, v in headers.items(): conn.putheader(k, v.encode())
            conn.endheaders(data or None)
            r = conn.getresponse()
            try: got = r.read()
            except http.client.IncompleteRead as e: got = e.partial
            return r.status, {k.lower(): self.back(v) for k, v in r.getheaders()}, self.back(got.decode("utf-8", "replace"))
        finally: conn.close()

    def event(self, event):
        event = dict(event)
        if "build" in event: event["build"] = self.names.id("build", event["build"])
        if event.get("args"): event["args"] = [self.names.id("build", event["args"][0])] + event["args"][1:]
        self.backdoor.event(event)

    def exchange(self, row):
        try: status, headers, body = self.send(row)
        except (OSError, http.client.HTTPException) as e: return ["no answer: %r" % e]
        return Compare(self.names, self.client_hosts, row).response(row, status, headers, body)


def shape(row):
    path = re.sub(r"/\d+(?=/|$)", "/N", row["path"])
    path = re.sub(r"(/api/coprs/)(?!build|search|cancel|delete)[^/]+/[^/]+(?=/)", r"\1O/P", path)
    path = re.sub(r"(/(?:edit|delete|fork|add|generate|set|get|request|regenerate-repos|can_build_in|rpmrepo)/)(?!N)[^/]+(/[^/]+)?", r"\1O/P", path)
    return "%-7s %s" % (row["method"], re.sub(r"[a-z]+(-[a-z]+)?-(\d+|rawhide)-(x86_64|i386|aarch64)", "CHROOT", path))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("transcripts", nargs="+"); p.add_argument("-v", action="store_true", help="print every difference")
    p.add_argument("--base", required=True); p.add_argument("--backdoor", required=True, help="FILE.py:CLASS")
    a = p.parse_args()
    rows = []
    for name in a.transcripts:
        with open(name) as f: rows += [dict(json.loads(line), file=name) for line in f if line.strip()]
    rows.sort(key=lambda r: r["n"])
    path, _, cls = a.backdoor.partition(":")
    spec = importlib.util.spec_from_file_location("backdoor", path)
    module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)
    def srpm():
        with open(os.environ["REPLAY_SRPM"], "rb") as f: return f.read()
    judge(Replay(a.base, getattr(module, cls)(a.base), rows, srpm), rows, a.v)


def judge(replay, rows, verbose):
    """Carry out all rows in their order, and print how many were answered alike."""
    table, files = collections.defaultdict(lambda: [0, 0]), collections.defaultdict(lambda: [0, 0])
    for row in rows:
        if "event" in row:
            try: replay.event(row["event"])
            except Exception as e: print("n %d: event %s failed: %r" % (row["n"], row["event"], e), file=sys.stderr)
            continue
        found = replay.exchange(row)
        for counts in (table[shape(row)], files[row["file"]]):
            counts[0] += not found; counts[1] += 1
        if found and verbose:
            print("n %d %s  %s %s%s as %s" % (row["n"], row["label"], row["method"], row["path"], "?" + row["query"] if row["query"] else "", row["as"]))
            for f in found: print("    " + f)
    for name, (good, total) in sorted(table.items()): print("%4d /%4d  %s%s" % (good, total, name, "" if good == total else "   <--"))
    if len(files) > 1:
        for name, (good, total) in files.items(): print("%s: %d of %d" % (name, good, total))
    good, total = (sum(c[i] for c in files.values()) for i in (0, 1))
    print("conformance: %d of %d exchanges alike (%.1f %%)" % (good, total, 100.0 * good / max(total, 1)))


if __name__ == "__main__": main()
