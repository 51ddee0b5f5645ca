// The second official client.  v2.mjs WORLD.json USER journey|fixtures legacy|auto|VERSION

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { fixtures } from './fixtures.mjs';
import { journey } from './journey.mjs';
import { Person } from './person.mjs';
import { check, end } from './report.mjs';

const [worldFile, user, visit, era] = process.argv.slice(2);
const world = JSON.parse(readFileSync(worldFile, 'utf8'));
const mode = era === 'legacy' || era === 'auto' ? era : { pin: era };
const spoken = { legacy: '2025-11-25', auto: '2026-07-28' }[era] ?? era;
const person = new Person(world, user);
const open = () => new StreamableHTTPClientTransport(new URL(world.connectorUrl), { authProvider: person });
const create = () => new Client({ name: 'connector-interop', version: '1.0.0' }, { versionNegotiation: { mode } });

await check('is refused without a token, and signs in', async () => {
  const transport = open();
  await assert.rejects(create().connect(transport), UnauthorizedError);
  await transport.finishAuth(person.callback);
});
const client = create();
await check('connects', () => client.connect(open()));
await check(`speaks ${spoken}`, () => assert.equal(client.getNegotiatedProtocolVersion(), spoken));
const call = (params, options) => client.callTool(params, options);
await (visit === 'fixtures' ? fixtures(client, call, spoken) : journey(client, user));
await client.close();
end();
