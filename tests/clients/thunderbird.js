// What is asked of Thunderbird: its own calendar manager and address books, as its windows use them.
const { cal } = ChromeUtils.importESModule('resource:///modules/calendar/calUtils.sys.mjs');
const { CalEvent } = ChromeUtils.importESModule('resource:///modules/CalEvent.sys.mjs');
const { CalDavProvider } = ChromeUtils.importESModule('resource:///modules/CalDavProvider.sys.mjs');
const { CardDAVUtils } = ChromeUtils.importESModule('resource:///modules/CardDAVUtils.sys.mjs');
const { MailServices } = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs');
const { VCardUtils } = ChromeUtils.importESModule('resource:///modules/VCardUtils.sys.mjs');
const { setTimeout } = ChromeUtils.importESModule('resource://gre/modules/Timer.sys.mjs');

const pause = (ms) => new Promise((wake) => setTimeout(wake, ms));
const until = async (holds, ms = 40000) => {
  for (const end = Date.now() + ms; ; await pause(200)) {
    let value = null;
    try {
      value = await holds();
    } catch (error) {
      // Not there yet.
    }
    if (value || Date.now() > end) return value;
  }
};
const same = (a, b) => a.replace(/\/$/, '') === b.replace(/\/$/, '');
const found = { calendars: [], books: [] };
const calendar = (url) => cal.manager.getCalendars().find((one) => one.type === 'caldav' && same(one.uri.spec, url));
const book = (name) => {
  const one = MailServices.ab.directories.find(
    (directory) => directory.dirType === Ci.nsIAbManager.CARDDAV_DIRECTORY_TYPE && directory.dirName === name,
  );
  return one && (one.wrappedJSObject || one);
};
const cardOf = (name, title) => book(name).childCards.find((one) => one.displayName === title);
const occurrences = (url, from, to) =>
  calendar(url).getItemsAsArray(
    Ci.calICalendar.ITEM_FILTER_TYPE_EVENT | Ci.calICalendar.ITEM_FILTER_CLASS_OCCURRENCES, 0,
    cal.createDateTime(from), cal.createDateTime(to),
  );

globalThis.client = {
  version: async () => Services.appinfo.version,

  // The password as its manager keeps it, for the realm that the server names.
  async login(base, user, password) {
    const answer = await fetch(base, { method: 'PROPFIND', headers: { Depth: '0' } });
    const realm = /realm="([^"]*)"/.exec(answer.headers.get('www-authenticate') || '');
    const login = Cc['@mozilla.org/login-manager/loginInfo;1'].createInstance(Ci.nsILoginInfo);
    login.init(new URL(base).origin, null, realm && realm[1], user, password, '', '');
    await Services.logins.addLoginAsync(login);
    return realm && realm[1];
  },

  async findCalendars(base, user, password) {
    found.calendars = await CalDavProvider.detectCalendars(user, password, base, false);
    return found.calendars.map((one) => [one.name, one.uri.spec, one.readOnly, one.getProperty('color')]);
  },

  // Adds a calendar that was found and waits for its first sync.
  async addCalendar(url, user) {
    const one = found.calendars.find((some) => same(some.uri.spec, url));
    one.setProperty('username', user);
    one.setProperty('cache.enabled', true);
    cal.manager.registerCalendar(one);
    calendar(url).refresh();
    return until(() => calendar(url).canRefresh && calendar(url).getProperty('currentStatus') === 0);
  },

  isReadOnly: async (url) => String(calendar(url).readOnly),

  async addEvent(url, text) {
    return (await calendar(url).addItem(new CalEvent(text))).id;
  },

  countOccurrences: (url, id, from, to, wanted) =>
    until(async () => (await occurrences(url, from, to)).filter((one) => one.id === id).length === wanted),

  titles: async (url, from, to) => (await occurrences(url, from, to)).map((one) => one.title),

  async moveOccurrence(url, id, at, title) {
    const old = await calendar(url).getItem(id);
    const [changed, moved] = [old.clone(), old.recurrenceInfo.getOccurrenceFor(cal.createDateTime(at)).clone()];
    moved.title = title;
    changed.recurrenceInfo.modifyException(moved, true);
    return (await calendar(url).modifyItem(changed, old)).id;
  },

  // Refreshes until the event has that title; `null` for an event that is to be gone.
  awaitTitle: (url, id, title) =>
    until(async () => {
      calendar(url).refresh();
      await pause(700);
      const one = await calendar(url).getItem(id);
      return title === null ? !one : one && one.title === title;
    }),

  async deleteEvent(url, id) {
    await calendar(url).deleteItem(await calendar(url).getItem(id));
    return true;
  },

  async findBooks(base, user, password) {
    found.books = await CardDAVUtils.detectAddressBooks(user, password, base, false, true);
    return found.books.map((one) => [one.name, one.url.href]);
  },

  async addBook(url) {
    const one = found.books.find((some) => same(some.url.href, url));
    await one.create();
    return (await until(() => book(one.name) && !book(one.name)._syncInProgress)) && one.name;
  },

  hasToken: (name) => until(() => Boolean(book(name)._syncToken)),

  token: async (name) => book(name)._syncToken,

  async addCard(name, text, title) {
    book(name).addCard(VCardUtils.vCardToAbCard(text));
    return until(() => cardOf(name, title).getProperty('_etag', ''));
  },

  async changeCard(name, old, title) {
    const one = cardOf(name, old);
    one.displayName = title;
    if (one.supportsVCard) one.vCardProperties.getFirstEntry('fn').value = title;
    book(name).modifyCard(one);
    return Boolean(await until(() => cardOf(name, title)));
  },

  async awaitCard(name, title, isThere) {
    return until(async () => {
      await book(name).syncWithServer();
      return Boolean(cardOf(name, title)) === isThere;
    });
  },

  async deleteCard(name, title) {
    book(name).deleteCards([cardOf(name, title)]);
    return until(() => !cardOf(name, title));
  },
};
