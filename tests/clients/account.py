"""An account on a CalDAV and CardDAV server, as a second client next to the one under test.

Only the standard library, so that it also runs under the system's Python. Loopback only.
"""

import base64
import http.client
import xml.etree.ElementTree as ET
from urllib.parse import urljoin, urlparse

DAV = "{DAV:}"
KINDS = {
    "calendar": ("caldav", "{urn:ietf:params:xml:ns:caldav}", "calendar-home-set"),
    "book": ("carddav", "{urn:ietf:params:xml:ns:carddav}", "addressbook-home-set"),
}


class Account:
    """A user of the server that answers at `base`."""

    def __init__(self, base, user, password):
        parts = urlparse(base)
        if parts.hostname not in ("127.0.0.1", "localhost"):
            raise SystemExit("these checks write, so they run on the loopback only")
        self.base, self.user, self.password = base, user, password
        self.server = (parts.hostname, parts.port or 80)
        self.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def request(self, method, url, body="", **headers):
        """Status, headers and text of an answer; underscores in header names stand for hyphens."""
        status, answered, data = self.exchange(method, url, body, headers)
        return status, answered, data.decode("utf-8", "replace")

    def exchange(self, method, url, body, headers):
        connection = http.client.HTTPConnection(*self.server, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, urlparse(urljoin(self.base, url)).path,
                               body.encode() if isinstance(body, str) else body,
                               {"Authorization": self.authorization, **named})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def properties(self, url, names, depth="0"):
        """The properties found, one dictionary of elements for each address below `url`."""
        asked = "".join(f'<p:{local} xmlns:p="{space}"/>' for space, local in map(split, names))
        body = f'<propfind xmlns="DAV:"><prop>{asked}</prop></propfind>'
        for _ in range(5):
            status, headers, text = self.request("PROPFIND", url, body, Depth=depth,
                                                 Content_Type="application/xml; charset=utf-8")
            if status not in (301, 302, 307, 308):
                break
            url = urljoin(urljoin(self.base, url), headers["Location"])
        if status != 207:
            raise RuntimeError(f"PROPFIND {url}: {status} {text[:200]}")
        return {urljoin(self.base, one.findtext(f"{DAV}href")): found(one)
                for one in ET.fromstring(text).iter(f"{DAV}response")}

    def home(self, kind):
        """Where calendars or address books lie, found as RFC 6764 section 6 says."""
        service, space, home_set = KINDS[kind]
        principal = self.href(f"/.well-known/{service}", f"{DAV}current-user-principal")
        return self.href(principal, space + home_set)

    def href(self, url, name):
        """The address that a property holds."""
        for of_one in self.properties(url, [name]).values():
            if name in of_one and of_one[name].findtext(f"{DAV}href"):
                return urljoin(self.base, of_one[name].findtext(f"{DAV}href"))
        raise RuntimeError(f"{url} has no {name}")

    def make(self, kind, slug, name):
        """A new collection of that kind; gives its address."""
        service, space, _ = KINDS[kind]
        local = "calendar" if kind == "calendar" else "addressbook"
        url = urljoin(self.home(kind).rstrip("/") + "/", f"{slug}/")
        status, _, text = self.request("MKCOL", url, (
            f'<mkcol xmlns="DAV:" xmlns:k="{space[1:-1]}"><set><prop><resourcetype><collection/><k:{local}/>'
            f"</resourcetype><displayname>{name}</displayname></prop></set></mkcol>"),
            Content_Type="application/xml; charset=utf-8")
        if status != 201:
            raise RuntimeError(f"MKCOL {url}: {status} {text[:200]}")
        return url

    def put(self, url, text):
        """Writes a calendar object or a card, whatever was there."""
        kind = "text/calendar" if url.endswith(".ics") else "text/vcard"
        return self.request("PUT", url, text, Content_Type=f"{kind}; charset=utf-8")[0]

    def get(self, url):
        return self.request("GET", url)[2]

    def raw(self, url):
        """The bytes of an object."""
        return self.exchange("GET", url, "", {})[2]

    def delete(self, url):
        return self.request("DELETE", url)[0]

    def members(self, url):
        """The addresses of what lies in a collection."""
        return [one for one in self.properties(url, [f"{DAV}getetag"], "1") if not one.endswith("/")]


def split(name):
    space, _, local = name[1:].partition("}")
    return space, local


def found(response):
    """The properties of the part of an answer that says 200."""
    good = [part for part in response.iter(f"{DAV}propstat") if " 200 " in part.findtext(f"{DAV}status", "")]
    return {one.tag: one for part in good for one in part.find(f"{DAV}prop")}


def calendar(*components):
    """A calendar object around components, each given as its lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//clients//EN", *sum(components, []), "END:VCALENDAR"]
    return "\r\n".join(lines) + "\r\n"


def event(uid, summary, start="20260311T100000Z", *more):
    return ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"DTSTART:{start}", "DURATION:PT1H",
            f"SUMMARY:{summary}", *more, "END:VEVENT"]


def card(uid, first, last, *more):
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{first} {last}", f"N:{last};{first};;;", *more]
    return "\r\n".join([*lines, "END:VCARD"]) + "\r\n"
