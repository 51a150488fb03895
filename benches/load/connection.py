"""One connection that stays open, with as little of the client's own time as the library allows."""

import base64
import re
import socket

XML = {"Content-Type": "application/xml; charset=utf-8"}
NAMES = ('xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="urn:ietf:params:xml:ns:carddav"'
         ' xmlns:S="http://calendarserver.org/ns/"')
RESPONSE = re.compile(rb"<(?:\w+:)?response[ />]")
TOKEN = re.compile(rb"<(?:\w+:)?sync-token[^>]*>([^<]*)<")


class Connection:
    """Requests to a server of the loopback, one after the other."""

    def __init__(self, port, user, password):
        self.port, self.stream = port, None
        login = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.always = f"Host: 127.0.0.1:{port}\r\nAuthorization: Basic {login}\r\nAccept-Encoding: identity\r\n"

    def ask(self, method, path, body=b"", **headers):
        """Status, headers in lower case, and body; underscores in header names stand for hyphens."""
        body = body.encode() if isinstance(body, str) else body
        named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        message = f"{method} {path} HTTP/1.1\r\n{self.always}{named}Content-Length: {len(body)}\r\n\r\n".encode() + body
        try:
            return self.exchange(method, message)
        except (ConnectionError, ValueError):
            self.stream = None  # Closed while it rested.
            return self.exchange(method, message)

    def exchange(self, method, message):
        if self.stream is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=900)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.stream = self.socket.makefile("rb", buffering=1 << 16)
        self.socket.sendall(message)
        first = self.stream.readline()
        if not first:
            raise ConnectionError("closed")
        status, headers = int(first.split()[1]), {}
        while (line := self.stream.readline().strip()):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = self.body(method, status, headers)
        is_last = headers.get("connection", "").lower()
        if is_last == "close" or (first.startswith(b"HTTP/1.0") and is_last != "keep-alive"):
            self.stream = None
        return status, headers, body

    def body(self, method, status, headers):
        if method == "HEAD" or status in (204, 304):
            return b""
        if "chunked" in headers.get("transfer-encoding", ""):
            parts = []
            while size := int(self.stream.readline().split(b";")[0], 16):
                parts.append(self.stream.read(size))
                self.stream.readline()
            self.stream.readline()
            return b"".join(parts)
        if "content-length" in headers:
            return self.stream.read(int(headers["content-length"]))
        headers["connection"] = "close"
        return self.stream.read()

    def report(self, path, body, depth="1"):
        return self.ask("REPORT", path, '<?xml version="1.0" encoding="utf-8"?>' + body, Depth=depth, **XML)

    def propfind(self, path, depth, *properties):
        asked = "".join(f"<{name}/>" for name in properties)
        return self.ask("PROPFIND", path, f"<propfind {NAMES}><prop>{asked}</prop></propfind>", Depth=depth, **XML)

    def sync(self, path, token=""):
        return self.report(path, f"<sync-collection {NAMES}><sync-token>{token}</sync-token><sync-level>1</sync-level>"
                                 "<prop><getetag/></prop></sync-collection>", "0")

    def query(self, path, filtered, properties="<getetag/>"):
        return self.report(path, f'<C:calendar-query {NAMES}><prop>{properties}</prop><C:filter><C:comp-filter name="VCALENDAR">'
                                 f'<C:comp-filter name="VEVENT">{filtered}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>')

    def multiget(self, path, space, data, hrefs):
        named = "".join(f"<href>{href}</href>" for href in hrefs)
        return self.report(path, f"<{space}-multiget {NAMES}><prop><getetag/><{data}/></prop>{named}</{space}-multiget>")


def token_of(body):
    found = TOKEN.search(body)
    return found.group(1).decode() if found else ""


def n_responses(body):
    return len(RESPONSE.findall(body))
