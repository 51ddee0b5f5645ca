// JSON as TypeScript: one property a line, so that what the compiler says of a line is said of a property.

/**
 * Properties that the published types do not name although they are served, by the places where they stand:
 * `Type/path.of.the.property`, places within lists as `[]`.
 */
export const EXCEPTIONS = [
  { at: /\bfields\.(?!id$)[^.]+$/, reason: 'the columns of a list are an open type' },
  {
    at: /^(Chat|ChatMessage|PinnedChatMessageInfo|CallTranscript|CallRecording)\/(.*\.)?(user|organizer)\.tenantId$|\beventDetail\.members\[\]\.tenantId$/,
    reason: "identities of Teams have it in Microsoft's examples",
  },
  { at: /\buser\.email$/, reason: "identities of SharePoint have it in Microsoft's examples" },
  { at: /\bowner\.group$/, reason: "the owner of a site's drive is a group in Microsoft's examples" },
  { at: /\bidentity\.user\.identityProvider$/, reason: "participants of meetings have it in Microsoft's examples" },
  { at: /\bonBehalfOf$/, reason: "messages of Teams have it in Microsoft's examples" },
  { at: /\bmentioned\.tag$/, reason: 'a mention can be one of a tag; the type is that of the beta version' },
  { at: /^ChatMessage\/(from\.emailAddress|webLink)$/, reason: 'a hit of a search names its sender and its place as mail does' },
  { at: /^Person\/emailAddresses$/, reason: 'a hit of a search has addresses with ranks' },
  { at: /^Event\b.*\b(uid|occurrenceId)$/, reason: "events have it in Microsoft's examples" },
  { at: /^MailFolder\/sizeInBytes$/, reason: 'the service sends it; the type is that of the beta version' },
  { at: /^Calendar\/groupClassId$/, reason: 'the service sends it; no type names it' },
  { at: /^Team\/(isMembershipLimitedToOwners|discoverySettings)$/, reason: "teams have it in Microsoft's examples" },
];

/** Lines of a TypeScript file, and what each of them shows. */
export class Source {
  lines = [];
  /** Exceptions that were needed. */
  excepted = new Set();
  #places = [];

  push(line, place) {
    this.lines.push(line);
    this.#places.push(place);
  }

  /** What stands in a line, counted from 1 as compilers count. */
  place(line) {
    return this.#places[line - 1];
  }

  /** Declares a constant. `from` says of what type the value is, where it comes from, and whether it is a part of its entity. */
  declare(name, value, from) {
    const type = from.isPart ? `Partial<Graph.${from.type}>` : `Graph.${from.type}`;
    this.#value(`const ${name}: ${type} = `, value, { from, path: '' }, ';');
    this.push(`void ${name};`, { from, path: '' });
  }

  #value(start, value, place, end) {
    if (Array.isArray(value)) {
      this.push(`${start}[`, place);
      value.forEach((entry, index) => this.#value('', entry, within(place, `[${index}]`), ','));
      this.push(`]${end}`, place);
      return;
    }
    if (value === null || typeof value !== 'object') {
      this.push(`${start}${JSON.stringify(value)}${end}`, place);
      return;
    }
    // What says its own type is held to that, which must be one of those that fit into its place.
    const derived = typeName(value['@odata.type']);
    const held = place.path === '' && place.from.isPart ? `Partial<Graph.${derived}>` : `Graph.${derived}`;
    const [open, close] = derived ? [`is<${held}>({`, '})'] : ['{', '}'];
    this.push(`${start}${open}`, place);
    for (const [name, entry] of Object.entries(value)) {
      // Annotations (`@odata.type`, `members@odata.count`, `@microsoft.graph.downloadUrl`) are of OData, not of the type.
      if (name.includes('@')) continue;
      const there = within(place, place.path ? `.${name}` : name);
      if (!this.#excepts(there)) this.#value(`${JSON.stringify(name)}: `, entry, there, ',');
    }
    this.push(`${close}${end}`, place);
  }

  #excepts(place) {
    const name = `${place.from.type}/${place.path.replaceAll(/\[\d+\]/g, '[]')}`;
    const exception = EXCEPTIONS.find(({ at }) => at.test(name));
    if (exception) this.excepted.add(exception);
    return exception !== undefined;
  }
}

/** A place one step further. */
function within(place, step) {
  return { ...place, path: place.path + step };
}

/** `#microsoft.graph.fileAttachment` is `FileAttachment`; the types of collections and of simple values are none. */
function typeName(annotation) {
  const name = /^#microsoft\.graph\.(\w+)$/.exec(annotation ?? '')?.[1];
  return name && name[0].toUpperCase() + name.slice(1);
}
