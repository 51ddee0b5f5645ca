// What the simulated Graph answers, against the TypeScript types that Microsoft publishes.  types.mjs CLOUD.json

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Cloud, ensure } from './cloud.mjs';
import { EXCEPTIONS, Source } from './literal.mjs';
import { check, end } from './report.mjs';

const cloud = new Cloud(process.argv[2]);
const packages = createRequire(import.meta.url);
const types = packages.resolve('@microsoft/microsoft-graph-types/package.json');
const { version } = JSON.parse(readFileSync(types, 'utf8'));

/** Permissions that nobody has consented to, and without which some entities are not shown. */
const MORE_SCOPES = ['User.Read.All', 'Files.ReadWrite', 'TeamMember.Read.All', 'ChannelMember.Read.All', 'People.Read'];

async function graphToken() {
  const mint = async (scopes) =>
    (await cloud.control('POST', '/token', { tenant: cloud.tenant, user: cloud.user, kind: 'graph', scopes }))
      .access_token;
  const claims = JSON.parse(Buffer.from((await mint()).split('.')[1], 'base64url'));
  return mint([...claims.scp.split(' '), ...MORE_SCOPES]);
}

/** What is served although no type is published: these answers are read, and compared with nothing. */
const UNPUBLISHED = new Set(['ExchangeSettings', 'MailboxFolder', 'MailboxItem', 'CallAiInsight']);

const token = await graphToken();
/** Answers by the name of their type. */
const answers = new Map();

async function read(path, body, headers = {}) {
  const answer = await fetch(path.startsWith('https:') ? path : `${cloud.base}/v1.0${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  ensure(answer.ok, `${path}: ${answer.status} ${text.slice(0, 200)}`);
  return JSON.parse(text);
}

/** What the compiler sees of a value: equal texts may be left out, words that may be of an enumeration may not. */
function shape(value) {
  const seen = (_, part) => (typeof part === 'string' && !/^#?[a-z][A-Za-z.]{0,40}$/.test(part) ? '' : part);
  const kinds = (_, part) => (typeof part === 'number' ? 0 : typeof part === 'boolean' ? false : part);
  return JSON.stringify(JSON.parse(JSON.stringify(value, seen)), kinds);
}

const shapes = new Set();

/** Keeps an answer to be compiled, unless one of the same shape is kept already. */
function keep(type, value, from) {
  const known = `${type} ${shape(value)}`;
  if (shapes.has(known)) return;
  shapes.add(known);
  answers.set(type, [...(answers.get(type) ?? []), { value, from }]);
}

/** Reads one entity. */
async function one(type, path, headers) {
  const entity = await read(path, undefined, headers);
  keep(type, entity, path);
  return entity;
}

/** Reads a list, which must have entries. */
async function many(type, path, body) {
  const { value } = await read(path, body);
  ensure(value.length > 0, `${path} is empty`);
  value.forEach((entry, index) => keep(type, entry, `${path} [${index}]`));
  return value;
}

const quoted = (id) => encodeURIComponent(id);

async function people() {
  await one('User', '/me');
  const [user] = await many('User', '/users?$select=id,displayName,department,businessPhones,userType,accountEnabled');
  await one('User', `/users/${user.id}`);
  await one('ProfilePhoto', '/me/photo');
  await many('ProfilePhoto', '/me/photos');
  await many('TimeZoneInformation', '/me/outlook/supportedTimeZones');
}

async function mail() {
  await many('Message', '/me/messages?$top=100&$expand=attachments');
  const headers = '/me/messages?$top=5&$select=id,internetMessageHeaders,uniqueBody,flag,hasAttachments';
  const [message] = await many('Message', headers);
  await one('Message', `/me/messages/${message.id}`);
  const [folder] = await many('MailFolder', '/me/mailFolders?$top=50');
  await one('MailFolder', `/me/mailFolders/${folder.id}`);
  await many('MailFolder', '/me/mailFolders/inbox/childFolders');
  for (const { id } of (await read('/me/messages?$filter=hasAttachments eq true&$top=12')).value) {
    for (const attachment of await many('Attachment', `/me/messages/${id}/attachments`)) {
      if (attachment['@odata.type'] !== '#microsoft.graph.itemAttachment') continue;
      const path = `/me/messages/${id}/attachments/${attachment.id}`;
      await one('Attachment', `${path}?$expand=microsoft.graph.itemattachment/item`);
    }
  }
}

async function exports() {
  const { primaryMailboxId } = await one('ExchangeSettings', '/me/settings/exchange');
  const mailbox = `/admin/exchange/mailboxes/${quoted(primaryMailboxId)}/folders`;
  for (const folder of await many('MailboxFolder', mailbox)) {
    if (folder.totalItemCount === 0) continue;
    const items = `${mailbox}/${folder.id}/items`;
    const subject = "$expand=singleValueExtendedProperties($filter=id eq 'String 0x0037')";
    await many('MailboxItem', `${items}?$top=5&${subject}`);
  }
}

async function calendars() {
  await many('CalendarGroup', '/me/calendarGroups');
  const [calendar] = await many('Calendar', '/me/calendars');
  await one('Calendar', `/me/calendars/${calendar.id}`);
  const events = await many('Event', '/me/events?$top=200&$expand=attachments');
  await many('Event', '/me/events?$top=200&$select=subject,type,cancelledOccurrences,originalStart');
  const master = events.find((event) => event.type === 'seriesMaster');
  await one('Event', `/me/events/${master.id}?$expand=exceptionOccurrences`);
  const start = new Date(Date.now() - 90 * 86_400_000).toISOString();
  const stop = new Date(Date.now() + 30 * 86_400_000).toISOString();
  await many('Event', `/me/calendarView?startDateTime=${start}&endDateTime=${stop}&$top=200`);
  await many('Event', `/me/events/${master.id}/instances?startDateTime=${start}&endDateTime=${stop}`);
  const zoned = (time) => ({ dateTime: time.slice(0, 19), timeZone: 'UTC' });
  const day = { startTime: zoned(start), endTime: zoned(new Date(Date.parse(start) + 5 * 86_400_000).toISOString()) };
  const schedules = (await read('/users?$top=5')).value.map((user) => user.mail ?? 'nobody@nowhere.example');
  await many('ScheduleInformation', '/me/calendar/getSchedule', { schedules, ...day });
  const body = { meetingDuration: 'PT1H', maxCandidates: 5 };
  keep('MeetingTimeSuggestionsResult', await read('/me/findMeetingTimes', body), '/me/findMeetingTimes');
  return events;
}

async function meetings(events) {
  const links = new Set(events.flatMap((event) => event.onlineMeeting?.joinUrl ?? []));
  for (const link of links) {
    const filter = quoted(`JoinWebUrl eq '${link}'`);
    for (const meeting of (await read(`/me/onlineMeetings?$filter=${filter}`)).value) {
      await oneMeeting(`/me/onlineMeetings/${quoted(meeting.id)}`);
    }
  }
}

async function oneMeeting(path) {
  await one('OnlineMeeting', path);
  const each = async (type, list) => {
    for (const { id } of (await read(`${path}/${list}`)).value) await one(type, `${path}/${list}/${quoted(id)}`);
  };
  await each('CallTranscript', 'transcripts');
  await each('CallRecording', 'recordings');
  await each('CallAiInsight', 'aiInsights');
  const reports = await fetch(`${cloud.base}/v1.0${path}/attendanceReports`, { headers: { authorization: `Bearer ${token}` } });
  // They are for the organizer alone.
  if (reports.status === 403) return;
  for (const { id } of (await reports.json()).value) {
    const report = `${path}/attendanceReports/${quoted(id)}`;
    await one('MeetingAttendanceReport', `${report}?$expand=attendanceRecords`);
    await many('AttendanceRecord', `${report}/attendanceRecords`);
  }
}

async function chats() {
  for (const chat of await many('Chat', '/me/chats?$top=50&$expand=members,lastMessagePreview')) {
    const path = `/chats/${quoted(chat.id)}`;
    await one('Chat', path);
    await many('ConversationMember', `${path}/members`);
    const newest = (await read(`${path}/messages?$top=50`)).value;
    newest.forEach((message, index) => keep('ChatMessage', message, `${path}/messages [${index}]`));
    for (const message of newest) await hosted(`${path}/messages/${message.id}`, message);
    const pinned = (await read(`${path}/pinnedMessages?$expand=message`)).value;
    pinned.forEach((entry) => keep('PinnedChatMessageInfo', entry, `${path}/pinnedMessages`));
  }
}

async function hosted(path, message) {
  if (!message.body.content.includes('hostedContents')) return;
  await many('ChatMessageHostedContent', `${path}/hostedContents`);
}

async function teams() {
  for (const { id } of await many('Team', '/me/joinedTeams')) {
    const team = `/teams/${id}`;
    await one('Team', team);
    await many('ConversationMember', `${team}/members`);
    await many('Channel', `${team}/allChannels`);
    await one('Channel', `${team}/primaryChannel`);
    for (const { id: channel } of await many('Channel', `${team}/channels`)) {
      const path = `${team}/channels/${quoted(channel)}`;
      await one('Channel', path);
      await many('ConversationMember', `${path}/members`);
      await one('DriveItem', `${path}/filesFolder`);
      const posts = (await read(`${path}/messages?$top=20&$expand=replies`)).value;
      posts.forEach((post, index) => keep('ChatMessage', post, `${path}/messages [${index}]`));
      for (const post of posts) await hosted(`${path}/messages/${post.id}`, post);
    }
  }
}

async function files() {
  await one('Drive', '/me/drive');
  await many('Drive', '/me/drives');
  await many('DriveItem', '/me/drive/recent');
  await many('DriveItem', '/me/drive/sharedWithMe');
  const found = await many('DriveItem', "/me/drive/root/search(q='a')?$top=50");
  for (const { id, file } of [...(await many('DriveItem', '/me/drive/root/children')), ...found.slice(0, 10)]) {
    const item = `/me/drive/items/${id}`;
    await one('DriveItem', `${item}?$expand=children,thumbnails,listItem`);
    await many('Permission', `${item}/permissions`);
    if (file === undefined) continue;
    await many('DriveItemVersion', `${item}/versions`);
    await one('ListItem', `${item}/listItem?$expand=fields`);
    (await read(`${item}/thumbnails`)).value.forEach((set) => keep('ThumbnailSet', set, `${item}/thumbnails`));
  }
}

async function sites() {
  await many('Site', '/sites?search=*');
  await many('Site', '/me/followedSites');
  for (const { id } of await many('Site', '/sites?search=a')) {
    const site = `/sites/${id}`;
    await one('Site', site);
    await many('Drive', `${site}/drives`);
    for (const { id: list } of await many('List', `${site}/lists`)) {
      await one('List', `${site}/lists/${list}?$expand=columns`);
      await many('ColumnDefinition', `${site}/lists/${list}/columns`);
      const items = (await read(`${site}/lists/${list}/items?$expand=fields&$top=50`)).value;
      items.forEach((item, index) => keep('ListItem', item, `${site}/lists/${list}/items [${index}]`));
    }
    for (const { id: page } of (await read(`${site}/pages`)).value) {
      await one('BaseSitePage', `${site}/pages/${page}`);
      await one('SitePage', `${site}/pages/${page}/microsoft.graph.sitePage?$expand=canvasLayout`);
    }
  }
}

async function search() {
  const common = ['message', 'event', 'chatMessage', 'driveItem', 'drive', 'listItem', 'site'].map((kind) => [kind, 'a*']);
  for (const [kind, queryString] of [...common, ['person', 'm*'], ['list', 'documents']]) {
    const request = { entityTypes: [kind], query: { queryString }, size: 25 };
    const { value } = await read('/search/query', { requests: [request] });
    const hits = value[0].hitsContainers.flatMap((container) => container.hits ?? []);
    ensure(hits.length > 0, `nothing is found of ${kind}`);
    for (const hit of hits) {
      // What was found is held to its own type.
      keep(`${kind[0].toUpperCase()}${kind.slice(1)}`, hit.resource, `/search/query ${kind}`);
      delete hit.resource;
    }
    keep('SearchResponse', value[0], `/search/query ${kind}`);
  }
}

/** Compiles every answer as a literal of its type, and says which places do not fit. */
function misfits() {
  const source = new Source();
  source.push("import type * as Graph from '@microsoft/microsoft-graph-types';");
  source.push('declare function is<T>(value: T): T;');
  let count = 0;
  const published = readFileSync(join(dirname(types), 'microsoft-graph.d.ts'), 'utf8');
  for (const type of UNPUBLISHED) {
    ensure(!new RegExp(`^export interface ${type} `, 'm').test(published), `${type} is published by now`);
  }
  for (const [type, values] of answers) {
    if (UNPUBLISHED.has(type)) continue;
    for (const { value, from } of values) {
      count += 1;
      source.declare(`answer${count}`, type, value, { type, from });
    }
  }
  const file = join(dirname(fileURLToPath(import.meta.url)), 'answers.ts');
  writeFileSync(file, source.lines.join('\n'));
  const compiler = packages.resolve('typescript/lib/tsc.js');
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--pretty', 'false'];
  const { stdout, stderr, status } = spawnSync(process.execPath, [compiler, ...options, file], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const found = stdout.matchAll(/^[^ (]*answers\.ts\((\d+),\d+\): error (TS\d+: .*)$/gm);
  const misfits = [...found].map(([, line, error]) => ({ ...source.place(Number(line)), error }));
  ensure((status === 0) === (misfits.length === 0), `the compiler: ${stderr}${stdout.slice(0, 400)}`);
  const idle = EXCEPTIONS.filter((exception) => !source.excepted.has(exception)).map(({ at }) => at.source);
  ensure(idle.length === 0, `exceptions that nothing needs: ${idle.join(' and ')}`);
  return misfits;
}

const AREAS = { people, mail, exports, chats, teams, files, sites, search };
for (const [name, area] of Object.entries(AREAS)) await check(`every kind of answer of ${name} is read`, area);
const events = await check('every kind of answer of calendars is read', calendars);
await check('every kind of answer of meetings is read', () => meetings(events ?? []));
const wrong = await check(`the answers are compiled against @microsoft/microsoft-graph-types ${version}`, misfits);
for (const [type, values] of answers) {
  if (UNPUBLISHED.has(type)) continue;
  await check(`${values.length} shapes of answers fit ${type}`, () => {
    const own = (wrong ?? []).filter(({ from }) => from.type === type);
    const text = own.map(({ from, path, error }) => `${from.from} ${path}: ${error}`).join(' | ');
    ensure(wrong !== undefined && own.length === 0, `${own.length} misfits: ${text}`);
  });
}

end();
