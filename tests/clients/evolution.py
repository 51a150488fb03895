#!/usr/bin/python3
"""evolution.py BASE USER PASSWORD: evolution-data-server against the server, as GNOME's programs use it.

Needs Debian's evolution-data-server, gir1.2-{ecal-2.0,ebook-1.2,ebookcontacts-1.2,edataserver-1.2},
python3-gi and dbus, and the system's Python. It starts itself again on a message bus and in a home
folder of its own.
"""

import os
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlparse

from account import Account, calendar, card, event
from checks import Checks, until

SERIES = """BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20260101T000000Z\r
DTSTART;TZID=Europe/Paris:20260310T100000\r
DTEND;TZID=Europe/Paris:20260310T110000\r
RRULE:FREQ=DAILY;COUNT=5\r
SUMMARY:Réunion\r
END:VEVENT\r
"""


def main():
    if "EVOLUTION_HOME" not in os.environ:
        sys.exit(on_a_bus_of_its_own())
    checks, account = Checks(), Account(*sys.argv[1:4])
    mark = f"eds{os.getpid()}"
    agenda = account.make("calendar", f"{mark}-cal", "Agenda")
    friends = account.make("book", f"{mark}-book", "Amis")
    try:
        desktop = Desktop(account)
        discovery(checks, desktop, (agenda, friends))
        events(checks, desktop, account, agenda)
        contacts(checks, desktop, account, friends)
    finally:
        account.delete(agenda)
        account.delete(friends)
    checks.close()


def on_a_bus_of_its_own():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        own = {"HOME": home, "XDG_RUNTIME_DIR": home, "XDG_CACHE_HOME": f"{home}/cache", "XDG_DATA_HOME": f"{home}/data",
               "XDG_CONFIG_HOME": f"{home}/config", "GIO_USE_VFS": "local", "GSETTINGS_BACKEND": "memory",
               "EVOLUTION_HOME": home}
        command = ["dbus-run-session", "--", sys.executable, os.path.abspath(__file__), *sys.argv[1:]]
        return subprocess.run(command, env={**os.environ, **own}, check=False, timeout=400).returncode


class Desktop:
    """The registry of accounts, and clients of single collections."""

    def __init__(self, account):
        import gi

        for name, version in [("EDataServer", "1.2"), ("ECal", "2.0"), ("EBook", "1.2"), ("EBookContacts", "1.2"),
                              ("ICalGLib", "3.0")]:
            gi.require_version(name, version)
        from gi.repository import EBook, EBookContacts, ECal, EDataServer, GLib, ICalGLib

        self.account, self.eds, self.ecal, self.ebook = account, EDataServer, ECal, EBook
        self.contacts, self.ical, self.loop = EBookContacts, ICalGLib, GLib.MainContext.default()
        self.registry = EDataServer.SourceRegistry.new_sync(None)

    def source(self, url, extension, backend):
        """A collection as the desktop's settings would add it."""
        parts = urlparse(url)
        source = self.eds.Source.new(None, None)
        source.set_display_name(f"checked {backend}")
        source.get_extension(extension).set_backend_name(backend)
        login = source.get_extension(self.eds.SOURCE_EXTENSION_AUTHENTICATION)
        login.set_host(parts.hostname)
        login.set_port(parts.port)
        login.set_user(self.account.user)
        login.set_method("plain/password")
        login.set_remember_password(False)
        source.get_extension(self.eds.SOURCE_EXTENSION_SECURITY).set_method("none")
        source.get_extension(self.eds.SOURCE_EXTENSION_WEBDAV_BACKEND).set_resource_path(parts.path)
        source.get_extension(self.eds.SOURCE_EXTENSION_OFFLINE).set_stay_synchronized(True)
        self.registry.commit_source_sync(source, None)
        return self.registry.ref_source(source.get_uid())

    def credentials(self):
        parameters = self.eds.NamedParameters.new()
        parameters.set("username", self.account.user)
        parameters.set("password", self.account.password)
        return parameters

    def open(self, source, kind, *arguments):
        """A client of the collection, logged in, online and at rest."""
        source.connect("credentials-required", lambda one, *_: one.invoke_authenticate_sync(self.credentials(), None))
        client = kind.connect_sync(source, *arguments, 1, None)
        source.invoke_authenticate_sync(self.credentials(), None)
        return client

    def until(self, holds, seconds=40):
        """Waits while the desktop's own events go on."""
        def turned():
            self.turn(0.1)
            return holds()
        return until(turned, seconds)

    def turn(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.loop.iteration(False):
                time.sleep(0.01)

    def discover(self, only):
        """What the desktop finds when only the server's address is given."""
        source = self.eds.Source.new(None, None)
        webdav = source.get_extension(self.eds.SOURCE_EXTENSION_WEBDAV_BACKEND)
        login = source.get_extension(self.eds.SOURCE_EXTENSION_AUTHENTICATION)
        parts = urlparse(self.account.base)
        login.set_host(parts.hostname)
        login.set_port(parts.port)
        login.set_user(self.account.user)
        webdav.set_resource_path(parts.path)
        _, _, _, found, addresses = self.eds.webdav_discover_sources_sync(
            source, self.account.base, only, self.credentials(), None)
        return found, list(addresses or [])


def discovery(checks, desktop, made):
    flags = desktop.eds.WebDAVDiscoverSupports
    for kind, only, url in [("calendars", flags.EVENTS, made[0]), ("address books", flags.CONTACTS, made[1])]:
        found = checks.step(f"discovery of {kind}", lambda only=only: desktop.discover(only))
        hrefs = [one.href for one in found[0]] if found else []
        checks.check(f"discovery finds the one that was made ({kind})", url in hrefs, hrefs)


def events(checks, desktop, account, url):
    eds, ecal = desktop.eds, desktop.ecal
    client = checks.step("a calendar opens", lambda: desktop.open(
        desktop.source(url, eds.SOURCE_EXTENSION_CALENDAR, "caldav"), ecal.Client, ecal.ClientSourceType.EVENTS))
    if not client:
        return
    checks.step("it is online", lambda: desktop.until(client.is_online))
    checks.step("it may be written", lambda: desktop.until(lambda: not client.is_readonly()))
    desktop.turn(2)  # Going online cancels what is under way.
    uid = f"series-{os.getpid()}"
    component = desktop.ical.Component.new_from_string(SERIES.format(uid=uid))
    none, everything = ecal.OperationFlags.NONE, ecal.ObjModType.ALL
    read = lambda name: client.get_object_sync(name, None, None)[1]
    checks.step("a series is created", lambda: desktop.until(lambda: client.create_object_sync(component, none, None)[0]))
    checks.step("the server has it", lambda: until(lambda: holding(account, url, uid)))
    series = checks.step("it is read back", lambda: desktop.until(lambda: read(uid)))
    if series:
        series.set_summary("Changed here")
        checks.step("it is changed", lambda: client.modify_object_sync(series, everything, none, None))
        checks.step("the server has the change", lambda: until(lambda: "Changed here" in holding(account, url, uid)[1]))
    elsewhere(checks, desktop, account, client, url + "other.ics",
              lambda title: calendar(event("other", title)), lambda: read("other").get_summary())
    checks.step("the series is removed", lambda: client.remove_object_sync(uid, None, everything, none, None))
    checks.step("the server lacks it", lambda: until(lambda: not holding(account, url, uid)))


def contacts(checks, desktop, account, url):
    eds, ebook = desktop.eds, desktop.ebook
    client = checks.step("an address book opens", lambda: desktop.open(
        desktop.source(url, eds.SOURCE_EXTENSION_ADDRESS_BOOK, "carddav"), ebook.BookClient))
    if not client:
        return
    checks.step("it is online", lambda: desktop.until(client.is_online))
    checks.step("it may be written", lambda: desktop.until(lambda: not client.is_readonly()))
    desktop.turn(2)  # Going online cancels what is under way.
    none = desktop.contacts.BookOperationFlags.NONE
    zoe = desktop.contacts.Contact.new_from_vcard(card("", "Zoé", "Durand", "TEL;TYPE=CELL:+33639980000").replace("UID:\r\n", ""))
    added = checks.step("a contact is added", lambda: desktop.until(lambda: client.add_contact_sync(zoe, none, None)))
    if not added:
        return
    uid = added[1]
    checks.step("the server has it", lambda: until(lambda: holding(account, url, "Durand")))
    contact = checks.step("it is read back", lambda: desktop.until(lambda: client.get_contact_sync(uid, None)[1]))
    if contact:
        contact.set_property("full-name", "Zoé Martin")
        checks.step("it is changed", lambda: client.modify_contact_sync(contact, none, None))
        checks.step("the server has the change", lambda: until(lambda: holding(account, url, "Zoé Martin")))
    elsewhere(checks, desktop, account, client, url + "other.vcf",
              lambda title: card("other", "Léa", title.replace(" ", "")), lambda: found_in(client, desktop))
    checks.step("the contact is removed", lambda: client.remove_contact_by_uid_sync(uid, none, None))
    checks.step("the server lacks it", lambda: until(lambda: not holding(account, url, "Martin")))


def elsewhere(checks, desktop, account, client, url, made, title):
    """An object of another client comes, changes and goes."""
    def arrives(wanted):
        client.refresh_sync(None)
        return desktop.until(lambda: wanted in title().replace(" ", ""))
    account.put(url, made("From elsewhere"))
    checks.step("an object of another client arrives", lambda: arrives("Fromelsewhere"))
    account.put(url, made("Changed elsewhere"))
    checks.step("its change arrives", lambda: arrives("Changedelsewhere"))
    account.delete(url)
    client.refresh_sync(None)
    checks.step("its deletion arrives", lambda: desktop.until(lambda: is_gone(title)))


def is_gone(title):
    try:
        return not title()
    except Exception:  # The client throws for what is not there.
        return True


def found_in(client, desktop):
    query = desktop.contacts.BookQuery.field_test(desktop.contacts.ContactField.GIVEN_NAME, desktop.contacts.BookQueryTest.IS, "Léa")
    _, found = client.get_contacts_sync(query.to_string(), None)
    return "".join(one.get_property("full-name") for one in found)


def holding(account, url, text):
    """The address and the text of the object that holds `text`, if there is one."""
    return next(((one, body) for one in account.members(url) if text in (body := account.get(one))), None)


if __name__ == "__main__":
    main()
