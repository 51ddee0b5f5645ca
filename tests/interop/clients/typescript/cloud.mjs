// The simulated Microsoft 365 as Microsoft's own clients are told of it, and the person at the browser.

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Holds `condition`, or throws `reason`. */
export function ensure(condition, reason) {
  if (!condition) throw new Error(typeof reason === 'string' ? reason : JSON.stringify(reason));
}

/** What `body` throws; nothing thrown is an error. */
export async function thrown(body) {
  let result;
  try {
    result = await body();
  } catch (error) {
    return error;
  }
  throw new Error(`nothing was refused: ${JSON.stringify(result).slice(0, 200)}`);
}

export class Cloud {
  constructor(file) {
    Object.assign(this, JSON.parse(readFileSync(file, 'utf8')));
    this.authority = `${this.base}/${this.tenant}`;
    this.host = new URL(this.base).host;
  }

  /** Asks the control API. */
  async control(method, path, body) {
    const answer = await fetch(`${this.base}/_sim${path}`, { method, body: body && JSON.stringify(body) });
    ensure(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  /** Requests of the log whose path ends so. */
  async seen(path) {
    return (await this.control('GET', '/requests')).filter((request) => request.path.endsWith(path));
  }

  /** Opens the sign-in page, chooses the account, and reads the redirect instead of following it. */
  async browser(page) {
    const address = new URL(page);
    address.searchParams.set('user', this.user);
    const answer = await fetch(address, { redirect: 'manual' });
    ensure(answer.status === 302, `the page answered ${answer.status}`);
    return new URL(answer.headers.get('location')).searchParams;
  }
}

export function pkce() {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The claims of a 401 by Graph, as JSON. */
export function challengeOf(answer) {
  const header = answer.headers.get('www-authenticate') ?? '';
  const claims = /error="insufficient_claims".*claims="([^"]+)"/.exec(header)?.[1];
  ensure(answer.status === 401 && claims !== undefined, `${answer.status} ${header}`);
  return Buffer.from(claims, 'base64').toString('utf8');
}
