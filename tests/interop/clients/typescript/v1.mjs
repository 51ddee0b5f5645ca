// The first official client, of the era with initialize.  v1.mjs WORLD.json USER journey|fixtures

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { fixtures } from './fixtures.mjs';
import { journey } from './journey.mjs';
import { Person } from './person.mjs';
import { check, end } from './report.mjs';

const [worldFile, user, visit] = process.argv.slice(2);
const world = JSON.parse(readFileSync(worldFile, 'utf8'));
const person = new Person(world, user);
const open = () => new StreamableHTTPClientTransport(new URL(world.connectorUrl), { authProvider: person });
const create = () => new Client({ name: 'connector-interop', version: '1.0.0' });

await check('is refused without a token, and signs in', async () => {
  const transport = open();
  await assert.rejects(create().connect(transport), UnauthorizedError);
  await transport.finishAuth(person.callback.get('code'));
});
const client = create();
const transport = open();
await check('connects', () => client.connect(transport));
await check('speaks 2025-11-25', () => assert.equal(transport.protocolVersion, '2025-11-25'));
const call = (params, options) => client.callTool(params, undefined, options);
await (visit === 'fixtures' ? fixtures(client, call, '2025-11-25') : journey(client, user));
await client.close();
end();
