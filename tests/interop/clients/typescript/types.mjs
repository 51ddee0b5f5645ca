// What the simulated Graph answers, against the TypeScript types that Microsoft publishes.  types.mjs CLOUD.json

import { Addresses } from './addresses.mjs';
import { Answers, version } from './answers.mjs';
import { Cloud, ensure } from './cloud.mjs';
import { check, end } from './report.mjs';

const cloud = new Cloud(process.argv[2]);
const answers = new Answers();
const addresses = new Addresses(cloud.addresses);

/** Permissions that nobody has consented to, and without which some entities are not shown. */
const MORE_SCOPES = ['User.Read.All', 'Files.ReadWrite', 'TeamMember.Read.All', 'ChannelMember.Read.All', 'People.Read'];

async function graphToken() {
  const mint = async (scopes) =>
    (await cloud.control('POST', '/token', { tenant: cloud.tenant, user: cloud.user, kind: 'graph', scopes }))
      .access_token;
  const claims = JSON.parse(Buffer.from((await mint()).split('.')[1], 'base64url'));
  return mint([...claims.scp.split(' '), ...MORE_SCOPES]);
}

const token = await graphToken();

function ask(path, body) {
  return fetch(`${cloud.base}/v1.0${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
}

/** Whether the person may read it. */
async function opens(path) {
  return (await ask(path)).status !== 403;
}

async function read(path, body) {
  const answer = await ask(path, body);
  const text = await answer.text();
  ensure(answer.ok, `${path}: ${answer.status} ${text.slice(0, 200)}`);
  return JSON.parse(text);
}

/** Keeps an entity that was read from that path, alone or in a list. */
function keep(type, value, path, place = '') {
  addresses.note(path);
  answers.keep(type, value, `${path}${place}`);
}

/** Reads one entity. */
async function one(type, path) {
  const entity = await read(path);
  keep(type, entity, path);
  return entity;
}

/** Reads a list. */
async function some(type, path, body) {
  const { value } = await read(path, body);
  value.forEach((entry, index) => keep(type, entry, path, ` [${index}]`));
  return value;
}

/** Reads a list, which must have entries. */
async function many(type, path, body) {
  const entries = await some(type, path, body);
  ensure(entries.length > 0, `${path} is empty`);
  return entries;
}

const quoted = (id) => encodeURIComponent(id);

async function people() {
  await one('User', '/me');
  const [user] = await many('User', '/users?$select=id,displayName,department,businessPhones,userType,accountEnabled');
  await one('User', `/users/${user.id}`);
  await one('DirectoryObject', '/me/manager');
  await many('DirectoryObject', '/me/memberOf');
  await one('ProfilePhoto', '/me/photo');
  const [photo] = await many('ProfilePhoto', '/me/photos');
  await one('ProfilePhoto', `/me/photos/${photo.id}`);
  await many('TimeZoneInformation', '/me/outlook/supportedTimeZones');
}

async function mail() {
  await many('Message', '/me/messages?$top=100&$expand=attachments');
  const headers = '/me/messages?$top=5&$select=id,internetMessageHeaders,uniqueBody,flag,hasAttachments';
  const [message] = await many('Message', headers);
  await one('Message', `/me/messages/${message.id}`);
  const forms = { sourceIdType: 'restId', targetIdType: 'restImmutableEntryId' };
  await many('ConvertIdResult', '/me/translateExchangeIds', { inputIds: [message.id, 'nothing'], ...forms });
  const tips = ['automaticReplies', 'mailboxFullStatus', 'customMailTip', 'externalMemberCount', 'totalMemberCount'];
  const more = ['maxMessageSize', 'deliveryRestriction', 'moderationStatus', 'recipientScope', 'recipientSuggestions'];
  const { value: members } = await read('/users?$select=id,mail&$top=50');
  const addressed = members.map(({ mail: address }) => address).filter((address) => address !== null);
  const asked = { EmailAddresses: addressed, MailTipsOptions: [...tips, ...more].join(', ') };
  await many('MailTips', '/me/getMailTips', asked);
  const [folder] = await many('MailFolder', '/me/mailFolders?$top=50');
  await one('MailFolder', `/me/mailFolders/${folder.id}`);
  await many('MailFolder', '/me/mailFolders/inbox/childFolders');
  for (const { id } of (await read('/me/messages?$filter=hasAttachments eq true&$top=12')).value) {
    for (const attachment of await many('Attachment', `/me/messages/${id}/attachments`)) {
      const path = `/me/messages/${id}/attachments/${attachment.id}`;
      await one('Attachment', path);
      if (attachment['@odata.type'] !== '#microsoft.graph.itemAttachment') continue;
      await one('Attachment', `${path}?$expand=microsoft.graph.itemattachment/item`);
    }
  }
}

async function exports() {
  const { primaryMailboxId } = await one('ExchangeSettings', '/me/settings/exchange');
  const mailbox = `/admin/exchange/mailboxes/${quoted(primaryMailboxId)}/folders`;
  for (const folder of await many('MailboxFolder', mailbox)) {
    await one('MailboxFolder', `${mailbox}/${folder.id}`);
    await some('MailboxFolder', `${mailbox}/${folder.id}/childFolders`);
    if (folder.totalItemCount === 0) continue;
    const items = `${mailbox}/${folder.id}/items`;
    const subject = "$expand=singleValueExtendedProperties($filter=id eq 'String 0x0037')";
    const [item] = await many('MailboxItem', `${items}?$top=5&${subject}`);
    await one('MailboxItem', `${items}/${item.id}`);
  }
}

async function calendars() {
  const [group] = await many('CalendarGroup', '/me/calendarGroups');
  await one('CalendarGroup', `/me/calendarGroups/${group.id}`);
  await one('Calendar', '/me/calendar');
  const [calendar] = await many('Calendar', '/me/calendars');
  await one('Calendar', `/me/calendars/${calendar.id}`);
  const events = await many('Event', '/me/events?$top=200&$expand=attachments');
  await many('Event', '/me/events?$top=200&$select=subject,type,cancelledOccurrences,originalStart');
  const master = events.find((event) => event.type === 'seriesMaster');
  await one('Event', `/me/events/${master.id}?$expand=exceptionOccurrences`);
  const laden = events.find((event) => event.attachments.length > 0);
  for (const { id } of await many('Attachment', `/me/events/${laden.id}/attachments`)) {
    await one('Attachment', `/me/events/${laden.id}/attachments/${id}`);
  }
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
    for (const meeting of await some('OnlineMeeting', `/me/onlineMeetings?$filter=${filter}`)) {
      await oneMeeting(`/me/onlineMeetings/${quoted(meeting.id)}`);
    }
  }
}

async function oneMeeting(path) {
  await one('OnlineMeeting', path);
  const each = async (type, list) => {
    for (const { id } of await some(type, `${path}/${list}`)) await one(type, `${path}/${list}/${quoted(id)}`);
  };
  await each('CallTranscript', 'transcripts');
  await each('CallRecording', 'recordings');
  await each('CallAiInsight', 'aiInsights');
  // They are for the organizer alone.
  if (!(await opens(`${path}/attendanceReports`))) return;
  for (const { id } of await some('MeetingAttendanceReport', `${path}/attendanceReports`)) {
    const report = `${path}/attendanceReports/${quoted(id)}`;
    await one('MeetingAttendanceReport', `${report}?$expand=attendanceRecords`);
    await many('AttendanceRecord', `${report}/attendanceRecords`);
  }
}

async function chats() {
  await many('Chat', '/chats');
  for (const chat of await many('Chat', '/me/chats?$top=50&$expand=members,lastMessagePreview')) {
    const path = `/chats/${quoted(chat.id)}`;
    await one('Chat', path);
    await members(path);
    const newest = await some('ChatMessage', `${path}/messages?$top=50`);
    for (const message of newest) await single(`${path}/messages/${message.id}`);
    await some('PinnedChatMessageInfo', `${path}/pinnedMessages?$expand=message`);
  }
}

/** Reads a message by itself, and the pictures in it. */
async function single(path) {
  const message = await one('ChatMessage', path);
  if (!message.body.content.includes('hostedContents')) return;
  for (const { id } of await many('ChatMessageHostedContent', `${path}/hostedContents`)) {
    await one('ChatMessageHostedContent', `${path}/hostedContents/${quoted(id)}`);
  }
}

/** Reads the members of a team or channel, and one of them by itself. */
async function members(path) {
  const [member] = await many('ConversationMember', `${path}/members`);
  await one('ConversationMember', `${path}/members/${quoted(member.id)}`);
}

async function teams() {
  for (const { id } of await many('Team', '/me/joinedTeams')) {
    const team = `/teams/${id}`;
    await one('Team', team);
    await members(team);
    await many('Channel', `${team}/allChannels`);
    await some('Channel', `${team}/incomingChannels`);
    await one('Channel', `${team}/primaryChannel`);
    for (const { id: channel } of await many('Channel', `${team}/channels`)) {
      const path = `${team}/channels/${quoted(channel)}`;
      await one('Channel', path);
      await members(path);
      await one('DriveItem', `${path}/filesFolder`);
      await some('ChatMessage', `${path}/messages/delta`);
      const posts = await some('ChatMessage', `${path}/messages?$top=20&$expand=replies`);
      for (const { id: post } of posts) {
        await single(`${path}/messages/${post}`);
        const replies = await some('ChatMessage', `${path}/messages/${post}/replies?$top=20`);
        for (const { id: reply } of replies) await single(`${path}/messages/${post}/replies/${reply}`);
      }
    }
  }
}

async function files() {
  await one('Drive', '/me/drive');
  await many('Drive', '/me/drives');
  await many('DriveItem', '/me/drive/recent');
  await many('DriveItem', '/me/drive/sharedWithMe');
  await many('DriveItem', "/me/drive/search(q='a')");
  const found = await many('DriveItem', "/me/drive/root/search(q='a')?$top=50");
  for (const { id, file, webUrl } of [...(await many('DriveItem', '/me/drive/root/children')), ...found.slice(0, 10)]) {
    const item = `/me/drive/items/${id}`;
    await one('DriveItem', `${item}?$expand=children,thumbnails,listItem`);
    await many('Permission', `${item}/permissions`);
    if (file === undefined) continue;
    await many('DriveItemVersion', `${item}/versions`);
    await one('ListItem', `${item}/listItem?$expand=fields`);
    await some('ThumbnailSet', `${item}/thumbnails`);
    const share = `u!${Buffer.from(webUrl).toString('base64url')}`;
    await one('SharedDriveItem', `/shares/${share}?$expand=driveItem`);
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
      await many('ContentType', `${site}/lists/${list}/contentTypes`);
      const [entry] = await some('ListItem', `${site}/lists/${list}/items?$expand=fields&$top=50`);
      if (entry !== undefined) await one('ListItem', `${site}/lists/${list}/items/${entry.id}`);
    }
    for (const { id: page } of await some('BaseSitePage', `${site}/pages`)) {
      await one('BaseSitePage', `${site}/pages/${page}`);
      await one('SitePage', `${site}/pages/${page}/microsoft.graph.sitePage?$expand=canvasLayout`);
    }
  }
}

async function search() {
  const common = ['message', 'event', 'chatMessage', 'driveItem', 'drive', 'listItem', 'site'].map((kind) => [kind, 'a*']);
  for (const [kind, queryString] of [...common, ['person', 'm*'], ['list', 'documents']]) {
    const aggregations = kind === 'driveItem' ? [{ field: 'fileType', size: 5 }] : [];
    const request = { entityTypes: [kind], query: { queryString }, size: 25, aggregations };
    const { value } = await read('/search/query', { requests: [request] });
    const hits = value[0].hitsContainers.flatMap((container) => container.hits ?? []);
    ensure(hits.length > 0, `nothing is found of ${kind}`);
    for (const hit of hits) {
      // What was found is held to its own type.
      keep(`${kind[0].toUpperCase()}${kind.slice(1)}`, hit.resource, `/search/query#${kind}`);
      delete hit.resource;
    }
    keep('SearchResponse', value[0], `/search/query#${kind}`);
  }
}

const AREAS = { people, mail, exports, chats, teams, files, sites, search };
for (const [name, area] of Object.entries(AREAS)) await check(`every kind of answer of ${name} is read`, area);
const events = await check('every kind of answer of calendars is read', calendars);
await check('every kind of answer of meetings is read', () => meetings(events ?? []));
await check('every address that leads to an entity is read', () => {
  const unread = addresses.unread();
  ensure(unread.length === 0, `not read: ${unread.join(' ')}`);
});
const wrong = await check(`the answers are compiled against @microsoft/microsoft-graph-types ${version}`, () => answers.misfits());
for (const [type, count] of answers.published()) {
  await check(`${count} shapes of answers fit ${type}`, () => {
    const own = (wrong ?? []).filter(({ from }) => from.type === type);
    const text = own.map(({ from, path, error }) => `${from.from} ${path}: ${error}`).join(' | ');
    ensure(wrong !== undefined && own.length === 0, `${own.length} misfits: ${text}`);
  });
}

end();
