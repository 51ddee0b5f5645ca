// Answers of the simulated Graph, each by the name of its published type, and what the compiler says of them.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ensure } from './cloud.mjs';
import { EXCEPTIONS, Source } from './literal.mjs';
import { strict } from './strict.mjs';

const packages = createRequire(import.meta.url);
const types = packages.resolve('@microsoft/microsoft-graph-types/package.json');

/** Of the package that the answers are held against. */
export const { version } = JSON.parse(readFileSync(types, 'utf8'));

/** What is served although no type is published: these answers are read, and compared with nothing. */
const UNPUBLISHED = new Set(['ExchangeSettings', 'MailboxFolder', 'MailboxItem', 'CallAiInsight']);

/** What the compiler sees of a value: equal texts may be left out, words that may be of an enumeration may not. */
function shape(value) {
  const seen = (_, part) => (typeof part === 'string' && !/^#?[a-z][A-Za-z.]{0,40}$/.test(part) ? '' : part);
  const kinds = (_, part) => (typeof part === 'number' ? 0 : typeof part === 'boolean' ? false : part);
  return JSON.stringify(JSON.parse(JSON.stringify(value, seen)), kinds);
}

/** Whether an answer is a part of its entity, of which nothing has to be there: what was selected, or found by a search. */
function isPart(from) {
  return /[?&]\$select=/.test(from) || from.startsWith('/search/query');
}

export class Answers {
  #byType = new Map();
  #shapes = new Set();

  /** Keeps an answer to be compiled, unless one of the same shape is kept already. `from` is the address. */
  keep(type, value, from) {
    const known = `${type} ${isPart(from)} ${shape(value)}`;
    if (this.#shapes.has(known)) return;
    this.#shapes.add(known);
    this.#byType.set(type, [...(this.#byType.get(type) ?? []), { value, from }]);
  }

  /** The types that are published, with the number of shapes that were kept of each. */
  published() {
    return [...this.#byType].filter(([type]) => !UNPUBLISHED.has(type)).map(([type, kept]) => [type, kept.length]);
  }

  /** Compiles every answer as a literal of its type, and says which places do not fit. */
  misfits() {
    const published = readFileSync(join(dirname(types), 'microsoft-graph.d.ts'), 'utf8');
    for (const type of UNPUBLISHED) {
      ensure(!new RegExp(`^export interface ${type} `, 'm').test(published), `${type} is published by now`);
    }
    const demanded = strict(published);
    ensure(demanded.required > 0, 'no property is required');
    const source = this.#source();
    const folder = join(dirname(fileURLToPath(import.meta.url)), 'compiled');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'published.d.ts'), demanded.text);
    writeFileSync(join(folder, 'answers.ts'), source.lines.join('\n'));
    const idle = [...EXCEPTIONS.filter((exception) => !source.excepted.has(exception)), ...demanded.idle];
    ensure(idle.length === 0, `exceptions that nothing needs: ${idle.map(({ at }) => at.source).join(' and ')}`);
    return compile(join(folder, 'answers.ts')).map(({ line, error }) => ({ ...source.place(line), error }));
  }

  #source() {
    const source = new Source();
    source.push("import type * as Graph from './published';");
    source.push('declare function is<T>(value: T): T;');
    let count = 0;
    for (const [type, kept] of this.#byType) {
      if (UNPUBLISHED.has(type)) continue;
      for (const { value, from } of kept) {
        count += 1;
        source.declare(`answer${count}`, value, { type, from, isPart: isPart(from) });
      }
    }
    return source;
  }
}

/** What the compiler says of a file, by line. */
function compile(file) {
  const compiler = packages.resolve('typescript/lib/tsc.js');
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--pretty', 'false'];
  const { stdout, stderr, status } = spawnSync(process.execPath, [compiler, ...options, file], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const found = [...stdout.matchAll(/^[^ (]*answers\.ts\((\d+),\d+\): error (TS\d+: .*)$/gm)];
  ensure((status === 0) === (found.length === 0), `the compiler: ${stderr}${stdout.slice(0, 400)}`);
  return found.map(([, line, error]) => ({ line: Number(line), error }));
}
