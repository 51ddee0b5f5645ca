// The published types made strict. There every property may be left out; of a whole entity the service leaves out none
// that cannot be null, and some services write down what is null as well.

/** Entities of services that write every property, `null` where there is nothing: Exchange and Teams. */
const WRITTEN_OUT = new Set([
  ...['OutlookItem', 'Message', 'Event', 'Calendar', 'CalendarGroup', 'MailFolder', 'Attachment', 'ItemAttachment'],
  ...['Chat', 'ChatMessage', 'ConversationMember', 'AadUserConversationMember', 'Team', 'Channel'],
  ...['OnlineMeetingBase', 'OnlineMeeting'],
]);

/** Properties that a whole entity lacks all the same, by the interface that declares them. */
const LEFT_OUT = [
  {
    at: /^User\.(assignedLicenses|assignedPlans|birthday|deviceEnrollmentLimit|hireDate|otherMails|provisionedPlans|proxyAddresses)$/,
    reason: 'the reference says of each that it comes when it is selected, and not otherwise',
  },
  {
    at: /^(Event\.(cancelledOccurrences|originalStart)|Message\.(internetMessageHeaders|uniqueBody)|Channel\.summary)$/,
    reason: 'the reference says of each that it comes when it is selected, and not otherwise',
  },
  { at: /^Team\.firstChannelName$/, reason: 'it is written when a team is made, and never read' },
  { at: /^OnlineMeeting\.attendeeReport$/, reason: 'a stream, which has an address of its own' },
];

/** The same for properties that an interface inherits: it is made to inherit all others. */
const NOT_INHERITED = [
  { name: 'CanvasLayout', property: 'id', reason: "it has none in the reference's examples of a page with its layout" },
];

const INTERFACE = /^export interface (\w+)(?: extends (\w+))? \{/;
const PROPERTY = /^ {4}(\w+)\?: (.+);$/;
const NULLABLE = /^NullableOption<(.*)>$/;

/**
 * `published` with every property required that is declared without `NullableOption`, but for relationships and the
 * exceptions. What is of an entity's type is a relationship, which only `$expand` brings along: OData knows no other
 * property of such a type.
 */
export function strict(published) {
  const lines = published.split(/\r?\n/);
  const declared = lines.map((line) => INTERFACE.exec(line)).filter((found) => found !== null);
  const bases = new Map(declared.map(([, name, base]) => [name, base]));
  const isEntity = (name) => name === 'Entity' || (bases.has(name) && isEntity(bases.get(name)));
  const needed = new Set();
  let required = 0;
  let declaring;
  const made = lines.map((line) => {
    const opening = INTERFACE.exec(line);
    if (opening) {
      declaring = opening[1];
      return inheriting(line, opening);
    }
    const [, name, type] = PROPERTY.exec(line) ?? [];
    if (name === undefined) return line;
    const [, withoutNull] = NULLABLE.exec(type) ?? [];
    if (withoutNull !== undefined && !WRITTEN_OUT.has(declaring)) return line;
    if (isEntity((withoutNull ?? type).replace(/\[\]$/, ''))) return line;
    const exception = LEFT_OUT.find(({ at }) => at.test(`${declaring}.${name}`));
    if (exception) {
      needed.add(exception);
      return line;
    }
    required += 1;
    return `    ${name}: ${type};`;
  });
  return { text: made.join('\n'), required, idle: LEFT_OUT.filter((exception) => !needed.has(exception)) };
}

/** The first line of an interface, without what it is not to inherit. */
function inheriting(line, [, name, base]) {
  const exception = NOT_INHERITED.find((one) => one.name === name);
  return exception ? line.replace(`extends ${base}`, `extends Omit<${base}, '${exception.property}'>`) : line;
}
