// The Microsoft Graph client for JavaScript against the simulated Graph over HTTPS.  graph.mjs CLOUD.json

import { ConfidentialClientApplication } from '@azure/msal-node';
import {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  GraphError,
  PageIterator,
} from '@microsoft/microsoft-graph-client';

import { Cloud, ensure, thrown } from './cloud.mjs';
import { check, end } from './report.mjs';

const cloud = new Cloud(process.argv[2]);

/** A Graph token of the person, by an exchange of the connector's. */
async function graphToken() {
  const minted = await cloud.control('POST', '/token', { tenant: cloud.tenant, user: cloud.user });
  const app = new ConfidentialClientApplication({
    auth: {
      authority: cloud.authority,
      knownAuthorities: [cloud.host],
      clientId: cloud.connectorId,
      clientSecret: cloud.clientSecret,
      clientCapabilities: ['cp1'],
    },
  });
  const scopes = ['https://graph.microsoft.com/.default'];
  return (await app.acquireTokenOnBehalfOf({ oboAssertion: minted.access_token, scopes })).accessToken;
}

const token = await graphToken();
const client = Client.init({
  baseUrl: `${cloud.base}/`,
  defaultVersion: 'v1.0',
  customHosts: new Set([new URL(cloud.base).hostname]),
  authProvider: (done) => done(null, token),
});

await check('the token is sent along, and the profile read', async () => {
  const me = await client.api('/me').get();
  ensure(me.userPrincipalName === cloud.user, me);
});

await check('pages are followed to the end, and nothing comes twice', async () => {
  const { '@odata.count': count } = await client.api('/me/messages').count(true).top(1).get();
  const first = await client.api('/me/messages').select('id').top(50).get();
  const seen = new Set();
  let turns = 0;
  const iterator = new PageIterator(client, first, (message) => {
    turns += 1;
    seen.add(message.id);
    return true;
  });
  await iterator.iterate();
  ensure(iterator.isComplete() && turns > 50, `${turns} messages`);
  ensure(seen.size === turns && turns === count, `${turns} turns, ${seen.size} messages of ${count}`);
});

await check('a file is downloaded from the other host, without the bearer', async () => {
  const { value } = await client.api('/me/drive/root/children').get();
  const file = value.find((item) => item.file !== undefined);
  const content = await client.api(`/me/drive/items/${file.id}/content`).responseType('arraybuffer').get();
  ensure(content.byteLength === file.size, `${content.byteLength} bytes of ${file.size}`);
});

await check('a throttled request is repeated after the time that it was told', async () => {
  await cloud.control('DELETE', '/requests');
  const headers = { 'Retry-After': '1' };
  await cloud.control('POST', '/faults', { service: 'graph', path_prefix: '/me', status: 429, headers, times: 1 });
  const before = Date.now();
  await client.api('/me').get();
  ensure(Date.now() - before >= 1000, `after ${Date.now() - before} ms`);
  const asked = await cloud.seen('/v1.0/me');
  ensure(asked.length === 2 && asked[1].headers['retry-attempt'] === '1', `${asked.length} requests`);
});

/** Sends a batch, which the client writes and reads. `steps` are pairs of an address and the id that it depends on. */
async function batch(steps) {
  const requests = steps.map(([path, dependsOn], index) => ({
    id: String(index + 1),
    request: new Request(`${cloud.base}${path}`, { method: 'GET' }),
    ...(dependsOn && { dependsOn: [dependsOn] }),
  }));
  const content = await new BatchRequestContent(requests).getContent();
  return new BatchResponseContent(await client.api('/$batch').post(content));
}

await check('a batch is answered item by item, in whatever order', async () => {
  const answer = await batch([['/me'], ['/me/messages?$top=2&$select=id'], ['/me/messages/not-an-id']]);
  ensure((await answer.getResponseById('1').json()).userPrincipalName === cloud.user, 'another profile');
  ensure((await answer.getResponseById('2').json()).value.length === 2, 'another page');
  const refused = answer.getResponseById('3');
  ensure(refused.status === 400 && (await refused.json()).error.code === 'ErrorInvalidIdMalformed', refused.status);
});

await check('what depends on a failed item is not done', async () => {
  const answer = await batch([['/me'], ['/me/messages/not-an-id', '1'], ['/me', '2']]);
  const statuses = ['1', '2', '3'].map((id) => answer.getResponseById(id).status);
  ensure(JSON.stringify(statuses) === '[200,400,424]', statuses);
});

await check('items of a batch are throttled one by one, the batch itself is not', async () => {
  // Ten requests of a mailbox in ten minutes.
  await cloud.control('POST', '/throttling', { scale: 0.001, algorithm: 'fixed_window' });
  const answer = await batch(Array.from({ length: 12 }, () => ['/me/messages?$top=1&$select=id']));
  await cloud.control('DELETE', '/throttling');
  const responses = [...answer.getResponses().values()];
  const refused = responses.filter((response) => response.status === 429);
  ensure(responses.length === 12 && refused.length === 2, `${refused.length} of ${responses.length} are throttled`);
  for (const response of refused) ensure(Number(response.headers.get('retry-after')) >= 1, 'no time is told');
});

await check('a refusal arrives as an error with its code', async () => {
  const error = await thrown(() => client.api('/me/messages/not-an-id').get());
  ensure(error instanceof GraphError && error.statusCode === 400 && error.requestId !== '', error);
  ensure(error.code === 'ErrorInvalidIdMalformed', error.code);
});

await check('a revoked session is refused by a challenge', async () => {
  await cloud.control('POST', `/users/${cloud.user}/revocations`, { cause: 'sessions_revoked' });
  const error = await thrown(() => client.api('/me').get());
  ensure(error.statusCode === 401 && error.code === 'InvalidAuthenticationToken', error);
  ensure(error.headers.get('www-authenticate').includes('insufficient_claims'), 'no challenge');
});

end();
