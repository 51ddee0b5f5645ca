// What a client does once it is connected, and what must come of it.

import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { check } from './report.mjs';

const INVALID_PARAMS = -32602;

/** Calls the tools as `user`, with a connected client of either library. */
export async function journey(client, user) {
  const tools = await check('lists the tools, each of them read-only and with an output schema', () => list(client));
  if (tools === undefined) return;

  await check('get_me is the user who signed in', async () => {
    const me = await call(client, tools, 'get_me', {});
    assert.equal(me.structuredContent.userPrincipalName, user);
  });
  const hit = await check('outlook_email_search takes arguments and finds mail', async () => {
    const found = await call(client, tools, 'outlook_email_search', { query: 'report', limit: 3 });
    const { items, completeness } = found.structuredContent;
    assert.ok(items.length > 0 && items.length <= 3, `${items.length} items`);
    assert.equal(completeness.returned, items.length);
    return items[0];
  });
  await check('read_resource reads the first hit', async () => {
    const read = await call(client, tools, 'read_resource', { uri: hit.uri });
    assert.ok(read.content[0].text.includes(hit.subject), 'the text lacks the subject');
  });
  await check('an unknown tool is a protocol error', async () => {
    await assert.rejects(client.callTool({ name: 'no_such_tool', arguments: {} }), { code: INVALID_PARAMS });
  });
  await check('a wrong argument is a tool error that names it', async () => {
    const result = await client.callTool({ name: 'outlook_email_search', arguments: { limit: 'many' } });
    assert.equal(result.isError, true);
    assert.equal(result.structuredContent, undefined);
    assert.match(result.content[0].text, /limit/);
  });
}

async function list(client) {
  const { tools } = await client.listTools();
  for (const tool of tools) {
    assert.equal(tool.annotations?.readOnlyHint, true, tool.name);
    assert.equal(tool.outputSchema?.type, 'object', tool.name);
  }
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  for (const name of ['get_me', 'outlook_email_search', 'read_resource']) assert.ok(byName.has(name), `no ${name}`);
  return byName;
}

/** Calls a tool that must succeed, with structured content that its output schema allows. */
async function call(client, tools, name, args) {
  const result = await client.callTool({ name, arguments: args });
  assert.notEqual(result.isError, true, JSON.stringify(result.content));
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  const valid = ajv.validate(tools.get(name).outputSchema, result.structuredContent);
  assert.ok(valid, `${name} against its output schema: ${ajv.errorsText()}`);
  return result;
}
