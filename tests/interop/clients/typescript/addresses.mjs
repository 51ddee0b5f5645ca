// Every address of the simulated Graph, and which of them an answer was read from.

/** Owners whose addresses lead to the same kinds of entities: read below one of them, they are read below all. */
const SAME_OWNER = [
  [/^\/users\/\{user\}(?=\/)/, '/me'],
  [/^\/copilot\/users\/\{user\}/, '/me'],
  [/^(\/me\/drive|\/drives\/\{drive\}|\/sites\/\{site\}\/drive)(?=\/|$)/, '/drive'],
  [/^\/shares\/\{share\}\/driveItem/, '/drive/items/{item}'],
  [/^\/me\/calendar(s\/\{calendar\})?(?=\/)/, '/me'],
  [/^\/me\/mailFolders\/\{folder\}(?=\/messages)/, '/me'],
  [/^\/me\/chats(?=\/\{)/, '/chats'],
];

/** What is no entity. */
const CONTENT = /\/(\$value|\$count|content|metadataContent)$/;

/** Addresses that are not read, each with its reason. */
const UNREAD = new Map([
  ['/chats/{chat}/operations/{operation}', 'nothing is ever under way in a chat here'],
  ['/chats/{chat}/operations', 'nothing is ever under way in a chat here'],
  ['/search/query#externalItem', 'no tenant has a connection'],
  ['/search/query#acronym', 'nobody has put down any'],
  ['/search/query#bookmark', 'nobody has put down any'],
  ['/search/query#qna', 'nobody has put down any'],
  ['/sites/{site}/sites', 'no site lies below another one here'],
]);

const segments = (address) => address.split('/').filter((segment) => segment !== '');
const isPlaceholder = (segment) => /^\{.+\}$/.test(segment);

function withOneOwner(address) {
  return SAME_OWNER.reduce((shorter, [owner, instead]) => shorter.replace(owner, instead), address);
}

export class Addresses {
  #all;
  #seen = new Set();

  /** `permissions` names an address in each line that begins with a method. */
  constructor(permissions) {
    this.#all = [...permissions.matchAll(/^(?:GET|POST) (\S+)$/gm)].map(([, address]) => address);
  }

  /** Notes that an entity was read from a path: with its query, and percent-encoded. */
  note(path) {
    const address = this.#find(path.replace(/\?.*$/, ''));
    if (address === undefined) throw new Error(`${path} is none of the addresses`);
    this.#seen.add(withOneOwner(address));
  }

  /** Entities that nobody has read, by their addresses; and exceptions that nothing needs. */
  unread() {
    const wanted = new Set(this.#all.map(withOneOwner).filter((address) => !CONTENT.test(address)));
    const idle = [...UNREAD.keys()].filter((address) => !wanted.has(address) || this.#seen.has(address));
    return [...[...wanted].filter((address) => !this.#seen.has(address) && !UNREAD.has(address)), ...idle];
  }

  #find(path) {
    // As the table has them: the root is an item, and a search has its words elsewhere.
    const asked = segments(path.replace(/\/root(?=\/|$)/, '/items/root').replace(/\/search\(.*\)$/, '/search'));
    const fits = (address) => {
      const parts = segments(address);
      const same = (part, index) => isPlaceholder(part) || part.toLowerCase() === asked[index].toLowerCase();
      return parts.length === asked.length && parts.every(same);
    };
    const found = this.#all.filter(fits);
    // A word goes before a placeholder: `messages/delta` is no message.
    return found.sort((one, other) => placeholders(one) - placeholders(other))[0];
  }
}

function placeholders(address) {
  return segments(address).filter(isPlaceholder).length;
}
