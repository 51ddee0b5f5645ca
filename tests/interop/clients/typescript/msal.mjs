// MSAL Node against the simulated Entra ID over HTTPS.  msal.mjs CLOUD.json

import {
  ConfidentialClientApplication,
  InteractionRequiredAuthError,
  PublicClientApplication,
  ServerError,
} from '@azure/msal-node';

import { Cloud, challengeOf, ensure, pkce, thrown } from './cloud.mjs';
import { check, end } from './report.mjs';

const GRAPH = ['https://graph.microsoft.com/.default'];

const cloud = new Cloud(process.argv[2]);
const place = { authority: cloud.authority, knownAuthorities: [cloud.host] };

function connector(credential) {
  const auth = { ...place, clientId: cloud.connectorId, clientCapabilities: ['cp1'], ...credential };
  return new ConfidentialClientApplication({ auth });
}

/** Signs the person in, with the claims of a challenge if there is one. */
async function signIn(claims) {
  const app = new PublicClientApplication({ auth: { ...place, clientId: cloud.clientId } });
  const { verifier, challenge } = pkce();
  const request = { scopes: [cloud.scope], redirectUri: cloud.redirectUri, claims };
  const page = await app.getAuthCodeUrl({
    ...request,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
    state: 'ours',
  });
  const callback = await cloud.browser(page);
  ensure(callback.get('state') === 'ours', 'the state is not ours');
  return app.acquireTokenByCode({ ...request, code: callback.get('code'), codeVerifier: verifier });
}

const onBehalf = (app, oboAssertion, claims) => app.acquireTokenOnBehalfOf({ oboAssertion, scopes: GRAPH, claims });
const graph = (token) => fetch(`${cloud.base}/v1.0/me`, { headers: { authorization: `Bearer ${token}` } });

const secret = connector({ clientSecret: cloud.clientSecret });
const signedIn = await check('code and PKCE bring a token and an account', async () => {
  const result = await signIn();
  ensure(result.account?.username === cloud.user, result.account);
  ensure(result.account.tenantId === cloud.tenant && result.idToken !== '', result.account);
  return result;
});
const assertion = signedIn?.accessToken;

await check('an exchange misses the cache once, hits it then, and misses it for another assertion', async () => {
  ensure((await onBehalf(secret, assertion)).fromCache === false, 'the first was cached');
  ensure((await onBehalf(secret, assertion)).fromCache === true, 'the second was not');
  const other = await signIn();
  ensure((await onBehalf(secret, other.accessToken)).fromCache === false, "another's was cached");
});

await check('a token of a client with cp1 lives for a day', async () => {
  const { expiresOn } = await onBehalf(secret, assertion);
  ensure(expiresOn.getTime() - Date.now() > 70_000_000, expiresOn);
});

await check('the certificate authenticates, by PS256 and x5t#S256', async () => {
  const { thumbprintSha256, privateKey } = cloud.certificate;
  const result = await onBehalf(connector({ clientCertificate: { thumbprintSha256, privateKey } }), assertion);
  ensure((await graph(result.accessToken)).status === 200, 'Graph refused it');
});

await check("a managed identity's token authenticates", async () => {
  const endpoint = `${cloud.base}/metadata/identity/oauth2/token`;
  const query = 'api-version=2018-02-01&resource=api%3A%2F%2FAzureADTokenExchange';
  const clientAssertion = async () => {
    const answer = await fetch(`${endpoint}?${query}`, { headers: { Metadata: 'true' } });
    return (await answer.json()).access_token;
  };
  const result = await onBehalf(connector({ clientAssertion }), assertion);
  ensure((await graph(result.accessToken)).status === 200, 'Graph refused it');
});

await check('a step-up is refused with claims, and satisfied by a sign-in that carries them', async () => {
  await cloud.control('POST', `/tenants/${cloud.tenant}/policies`, { mfa: 'step_up' });
  const { accessToken } = await signIn();
  const refused = await thrown(() => onBehalf(secret, accessToken));
  ensure(refused instanceof InteractionRequiredAuthError, refused);
  ensure(refused.claims.includes('polids'), refused.claims);
  const again = await signIn(refused.claims);
  ensure((await onBehalf(secret, again.accessToken)).accessToken !== '', 'no token');
  await cloud.control('DELETE', `/tenants/${cloud.tenant}/policies`);
});

await check('a missing consent is refused as one', async () => {
  await cloud.control('POST', `/users/${cloud.user}`, { consent: [] });
  const refused = await thrown(() => onBehalf(connector({ clientSecret: cloud.clientSecret }), assertion));
  ensure(refused instanceof InteractionRequiredAuthError && refused.subError === 'consent_required', refused);
  await cloud.control('POST', `/users/${cloud.user}`, { consent: 'full' });
});

await check('a throttled token endpoint is not asked again by a repeat', async () => {
  const { accessToken } = await signIn();
  const app = connector({ clientSecret: cloud.clientSecret });
  await cloud.control('DELETE', '/requests');
  await cloud.control('POST', '/faults', { service: 'entra', path_prefix: '/oauth2/v2.0/token', status: 429, times: 1 });
  for (const turn of ['first', 'second']) {
    const refused = await thrown(() => onBehalf(app, accessToken));
    ensure(refused instanceof ServerError, `${turn}: ${refused}`);
  }
  const asked = await cloud.seen('/oauth2/v2.0/token');
  ensure(asked.length === 1, `it was asked ${asked.length} times`);
});

await check('a revoked session is challenged by Graph until the person signs in again', async () => {
  const before = await signIn();
  const { accessToken } = await onBehalf(secret, before.accessToken);
  ensure((await graph(accessToken)).status === 200, 'the token is no good before');
  await cloud.control('POST', `/users/${cloud.user}/revocations`, { cause: 'sessions_revoked' });
  const claims = challengeOf(await graph(accessToken));
  const refused = await thrown(() => onBehalf(secret, before.accessToken, claims));
  ensure(refused instanceof InteractionRequiredAuthError && refused.claims.includes('nbf'), refused);
  const after = await signIn();
  const renewed = await onBehalf(secret, after.accessToken, claims);
  ensure(renewed.fromCache === false && (await graph(renewed.accessToken)).status === 200, 'no better after');
});

end();
