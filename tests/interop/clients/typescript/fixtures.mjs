// What a client does with what the connector's transport can carry and its own tools do not use.

import assert from 'node:assert/strict';
import { check } from './report.mjs';

const INVALID_PARAMS = -32602;
const RESOURCE_NOT_FOUND = -32002;

/** `call` calls a tool with request options, which the two libraries take in different places. */
export async function fixtures(client, call, spoken) {
  await check('lists the tools, the one with the mirrored argument among them', async () => {
    const { tools } = await client.listTools();
    assert.ok(tools.some((tool) => tool.name === 'test_mirrored_argument'));
  });
  await check('progress arrives while the call runs', async () => {
    const seen = [];
    const answer = { name: 'test_tool_with_progress', arguments: {} };
    const result = await call(answer, { onprogress: ({ progress, total }) => seen.push(`${progress}/${total}`) });
    assert.deepEqual(seen, ['0/100', '50/100', '100/100']);
    assert.equal(result.content[0].type, 'text');
  });
  await check('text, an image and a resource arrive in one answer', async () => {
    const { content } = await call({ name: 'test_multiple_content_types', arguments: {} });
    assert.deepEqual(content.map(({ type }) => type), ['text', 'image', 'resource']);
    assert.equal(Buffer.from(content[1].data, 'base64').subarray(1, 4).toString(), 'PNG');
  });
  await check('an argument that travels in a header too is taken, whatever its characters', async () => {
    const result = await call({ name: 'test_mirrored_argument', arguments: { region: 'Zürich ' } });
    assert.notEqual(result.isError, true);
  });
  await check('resources are listed and read, as text and as bytes', async () => {
    const { resources } = await client.listResources();
    const read = async ({ uri }) => (await client.readResource({ uri })).contents[0];
    const [text, bytes] = await Promise.all(resources.map(read));
    assert.ok(text.text.length > 0 && bytes.blob.length > 0);
  });
  await check('a pattern of resources is listed, and filled in', async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    const uri = resourceTemplates[0].uriTemplate.replace('{id}', '123');
    const { contents } = await client.readResource({ uri });
    assert.equal(JSON.parse(contents[0].text).id, '123');
  });
  await check('a resource that is not there is a protocol error', async () => {
    // The second client shows the older code as the newer one.
    const codes = spoken === '2025-11-25' ? [RESOURCE_NOT_FOUND, INVALID_PARAMS] : [INVALID_PARAMS];
    await assert.rejects(client.readResource({ uri: 'test://nowhere' }), ({ code, data }) => {
      assert.ok(codes.includes(code), `code ${code}`);
      assert.equal(data.uri, 'test://nowhere');
      return true;
    });
  });
  await check('a prompt is listed, filled in, and completed', async () => {
    const { prompts } = await client.listPrompts();
    const name = prompts.find((prompt) => prompt.arguments?.length === 2).name;
    const prompt = await client.getPrompt({ name, arguments: { arg1: 'hello', arg2: 'world' } });
    assert.match(prompt.messages[0].content.text, /hello.*world/);
    const ref = { type: 'ref/prompt', name };
    const { completion } = await client.complete({ ref, argument: { name: 'arg1', value: 'par' } });
    assert.deepEqual(completion.values, ['paris', 'park', 'party']);
  });
}
