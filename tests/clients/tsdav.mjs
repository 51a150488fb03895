// node tsdav.mjs BASE USER PASSWORD: tsdav (the client of many web calendars) against the server.
//
// NODE_PATH names the node_modules with `tsdav`. Loopback only. One line a check, then `N of M`.
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';

const { createDAVClient } = createRequire(import.meta.url)('tsdav');
const [base, username, password] = process.argv.slice(2);
if (!['127.0.0.1', 'localhost'].includes(new URL(base).hostname)) throw new Error('these checks write: loopback only');

let made = 0;
let passed = 0;
const check = (name, good, seen = '') => {
  made += 1;
  passed += good ? 1 : 0;
  console.log(good ? `ok    ${name}` : `FAIL  ${name}  ${String(seen).slice(0, 400)}`);
};
const equal = (name, seen, wanted) => check(name, isDeepStrictEqual(seen, wanted), JSON.stringify(seen));
const step = async (name, act) => {
  try {
    const value = await act();
    check(name, value !== undefined && value !== null && value !== false, JSON.stringify(value));
    return value;
  } catch (error) {
    check(name, false, error.stack);
    return undefined;
  }
};

const login = (defaultAccountType) =>
  createDAVClient({ serverUrl: base, credentials: { username, password }, authMethod: 'Basic', defaultAccountType });
const lines = (...all) => `${all.join('\r\n')}\r\n`;
const event = (uid, summary, ...more) =>
  lines('BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//clients//EN', 'BEGIN:VEVENT', `UID:${uid}`,
    'DTSTAMP:20260101T000000Z', 'DTSTART:20260310T100000Z', 'DURATION:PT1H', `SUMMARY:${summary}`, ...more,
    'END:VEVENT', 'END:VCALENDAR');
const card = (uid, name) =>
  lines('BEGIN:VCARD', 'VERSION:3.0', `UID:${uid}`, `FN:${name}`, `N:${name};;;;`, 'END:VCARD');
const BOOK = '<mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><set><prop><resourcetype><collection/><C:addressbook/>' +
  '</resourcetype><displayname>Amis</displayname></prop></set></mkcol>';
const headers = {
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
  'content-type': 'application/xml; charset=utf-8',
};
const mark = `ts${process.pid}`;
const ends = (url, end) => url.replace(/\/$/, '').endsWith(end);

async function homeOf(client, accountType) {
  const account = await client.createAccount({
    account: { serverUrl: base, accountType, credentials: { username, password } },
  });
  return account.homeUrl.replace(/\/?$/, '/');
}

async function calendars() {
  const client = await step('calendars: found from the base address', () => login('caldav'));
  const home = client && (await step('calendars: the home', () => homeOf(client, 'caldav')));
  if (!home) return;
  const url = `${home}${mark}/`;
  await step('MKCALENDAR with a display name', async () =>
    (await client.makeCalendar({ url, props: { displayname: 'Été à la mer' } })).every((one) => one.ok));
  const calendar = await step('it is listed', async () =>
    (await client.fetchCalendars()).find((one) => ends(one.url, mark)));
  if (!calendar) return;
  equal('its name', calendar.displayName, 'Été à la mer');
  check('its sync token', calendar.syncToken, calendar.syncToken);
  check('its ctag', calendar.ctag, calendar.ctag);
  check('it takes events', calendar.components?.includes('VEVENT'), calendar.components);
  for (const report of ['calendarQuery', 'calendarMultiget', 'freeBusyQuery', 'syncCollection'])
    check(`it knows the report ${report}`, calendar.reports?.includes(report), calendar.reports);
  await objects(client, calendar);
  await step('a calendar goes', async () => (await client.deleteObject({ url })).ok);
  await step('and is no longer listed', async () => !(await client.fetchCalendars()).some((one) => ends(one.url, mark)));
}

async function objects(client, calendar) {
  const put = (name, text) =>
    client.createCalendarObject({ calendar, filename: `${name}.ics`, iCalString: text });
  for (const at of [0, 1, 2, 3])
    await step(`event ${at} is created`, async () => (await put(`o${at}`, event(`${mark}-${at}`, `Event ${at}`))).status === 201);
  await step('a series is created', async () =>
    (await put('series', event(`${mark}-s`, 'Daily', 'RRULE:FREQ=DAILY;COUNT=5'))).status === 201);
  await step('what exists is not created again', async () => (await put('o0', event(`${mark}-0`, 'Again'))).status === 412);
  const all = await step('five objects come with tags and data', async () => {
    const found = await client.fetchCalendarObjects({ calendar });
    return found.length === 5 && found.every((one) => one.etag && one.data) && found;
  });
  const timeRange = { start: '2026-03-12T00:00:00Z', end: '2026-03-14T00:00:00Z' };
  await step('a time range gives the series alone', async () =>
    (await client.fetchCalendarObjects({ calendar, timeRange })).map((one) => one.url).every((url) => ends(url, 'series.ics')));
  await step('expanded, two instances of it', async () => {
    const [one, ...more] = await client.fetchCalendarObjects({ calendar, timeRange, expand: true });
    return more.length === 0 && one.data.split('BEGIN:VEVENT').length === 3 && !one.data.includes('RRULE');
  });
  await step('free-busy is answered', async () => {
    const range = { start: '2026-03-11T00:00:00Z', end: '2026-03-13T00:00:00Z' };
    const answer = await client.freeBusyQuery({ url: calendar.url, timeRange: range });
    return answer.ok && answer.status === 200 && answer;
  });
  if (!all) return;
  await changes(client, calendar, all);
}

async function changes(client, calendar, all) {
  const named = (name) => all.find((one) => ends(one.url, `${name}.ics`));
  const update = (old, text) => client.updateCalendarObject({ calendarObject: { ...old, data: text } });
  await step('multiget of two', async () =>
    (await client.calendarMultiGet({
      url: calendar.url, depth: '1', props: { 'd:getetag': {}, 'c:calendar-data': {} },
      objectUrls: [named('o0'), named('o1')].map((one) => new URL(one.url).pathname),
    })).length === 2);
  await step('an event is changed', async () => (await update(named('o1'), event(`${mark}-1`, 'Changed'))).ok);
  await step('a change on an old tag is refused', async () => (await update(named('o1'), event(`${mark}-1`, 'Late'))).status === 412);
  await step('an event is deleted', async () => (await client.deleteCalendarObject({ calendarObject: named('o2') })).ok);
  await step('a delete on an old tag is refused', async () =>
    (await client.deleteCalendarObject({ calendarObject: named('o1') })).status === 412);
  await step('the collection counts as changed', async () => (await client.isCollectionDirty({ collection: calendar })).isDirty);
  const synced = await step('a sync since the start', () => client.smartCollectionSync({
    collection: { ...calendar, objects: all, objectMultiGet: client.calendarMultiGet }, method: 'webdav', detailedResult: true }));
  const counts = synced && ['created', 'updated', 'deleted'].map((kind) => synced.objects[kind].length);
  equal('finds one update and one deletion', counts, [0, 1, 1]);
  check('and a new token', synced && synced.syncToken !== calendar.syncToken, synced?.syncToken);
}

async function books() {
  const client = await step('address books: found from the base address', () => login('carddav'));
  const home = client && (await step('address books: the home', () => homeOf(client, 'carddav')));
  if (!home) return;
  const url = `${home}${mark}-book/`;
  await step('extended MKCOL makes one', async () => (await fetch(url, { method: 'MKCOL', headers, body: BOOK })).status === 201);
  const addressBook = await step('it is listed', async () =>
    (await client.fetchAddressBooks()).find((one) => ends(one.url, `${mark}-book`)));
  if (!addressBook) return;
  equal('its name', addressBook.displayName, 'Amis');
  check('a book has a sync token', addressBook.syncToken, addressBook.syncToken);
  const create = () => client.createVCard({ addressBook, filename: `${mark}.vcf`, vCardString: card(mark, 'Zoé') });
  const ours = async () => (await client.fetchVCards({ addressBook })).find((one) => ends(one.url, `${mark}.vcf`));
  await step('a card is created', async () => (await create()).status === 201);
  await step('and not created again', async () => (await create()).status === 412);
  const first = await step('it comes back with its tag', async () => {
    const found = await ours();
    return found?.etag && found.data.includes('FN:Zoé') && found;
  });
  if (!first) return;
  await step('a card is changed', async () => (await client.updateVCard({ vCard: { ...first, data: card(mark, 'Léa') } })).ok);
  await step('a delete on an old tag is refused', async () => (await client.deleteVCard({ vCard: first })).status === 412);
  const second = await step('the change comes back', async () => {
    const found = await ours();
    return found?.data.includes('FN:Léa') && found;
  });
  await step('a card is deleted', async () => (await client.deleteVCard({ vCard: second })).ok);
  await step('and is gone', async () => (await ours()) === undefined);
  await step('a book goes', async () => (await client.deleteObject({ url })).ok);
}

await calendars();
await books();
console.log(`${passed} of ${made}`);
process.exit(passed === made && made > 0 ? 0 : 1);
