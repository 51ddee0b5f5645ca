// An application of a stranger: MSAL Node signs in for Graph itself, and the Graph client reads.  application.mjs CLOUD.json

import { ConfidentialClientApplication, InteractionRequiredAuthError, PublicClientApplication } from '@azure/msal-node';
import { Client, GraphError } from '@microsoft/microsoft-graph-client';

import { Cloud, ensure, pkce, thrown } from './cloud.mjs';
import { check, end } from './report.mjs';

const SECRET = 'a secret that is none';
const DEFAULT = ['https://graph.microsoft.com/.default'];

const cloud = new Cloud(process.argv[2]);
const place = { authority: cloud.authority, knownAuthorities: [cloud.host] };

const register = (order) => cloud.control('POST', '/applications', order);
const publicClient = ({ id }) => new PublicClientApplication({ auth: { ...place, clientId: id } });
const confidentialClient = ({ id }) =>
  new ConfidentialClientApplication({ auth: { ...place, clientId: id, clientSecret: SECRET } });

/** The person agrees to whatever the application asks for. */
async function signIn(app, scopes) {
  const { verifier, challenge } = pkce();
  const request = { scopes, redirectUri: cloud.redirectUri };
  const page = await app.getAuthCodeUrl({ ...request, codeChallenge: challenge, codeChallengeMethod: 'S256' });
  const callback = await cloud.browser(`${page}&consent=yes`);
  ensure(callback.has('code'), callback.get('error_description') ?? 'no code');
  return app.acquireTokenByCode({ ...request, code: callback.get('code'), codeVerifier: verifier });
}

function graph(token) {
  return Client.init({
    baseUrl: `${cloud.base}/`,
    defaultVersion: 'v1.0',
    customHosts: new Set([new URL(cloud.base).hostname]),
    authProvider: (done) => done(null, token),
  });
}

async function reads(token) {
  const me = await graph(token).api('/me').get();
  ensure(me.userPrincipalName === cloud.user, me);
}

const notes = await register({
  name: 'Notes',
  redirect_uris: [cloud.redirectUri],
  permissions: ['User.Read'],
});
const notesClient = publicClient(notes);
const signedIn = await check('code and PKCE sign somebody in for Graph, and the profile is read', async () => {
  const result = await signIn(notesClient, ['User.Read']);
  ensure(result.account?.username === cloud.user, result.account);
  await reads(result.accessToken);
  return result;
});

await check('the token is found again, and renewed where that is asked for', async () => {
  const request = { account: signedIn.account, scopes: ['User.Read'] };
  const found = await notesClient.acquireTokenSilent(request);
  ensure(found.fromCache && found.accessToken === signedIn.accessToken, 'another token');
  const renewed = await notesClient.acquireTokenSilent({ ...request, forceRefresh: true });
  ensure(!renewed.fromCache && renewed.accessToken !== signedIn.accessToken, 'the same token');
  await reads(renewed.accessToken);
});

await check('what nobody has consented to is refused as that, and by Graph', async () => {
  const request = { account: signedIn.account, scopes: ['Mail.Read'] };
  const refused = await thrown(() => notesClient.acquireTokenSilent(request));
  ensure(refused instanceof InteractionRequiredAuthError && refused.subError === 'consent_required', refused);
  const closed = await thrown(() => graph(signedIn.accessToken).api('/me/messages').get());
  ensure(closed instanceof GraphError && closed.statusCode === 403, closed);
});

await check('a device signs somebody in for Graph', async () => {
  const deviceCodeCallback = async ({ userCode, verificationUri }) => {
    const page = new URL(verificationUri);
    for (const [name, value] of [['user_code', userCode], ['user', cloud.user], ['consent', 'yes']]) {
      page.searchParams.set(name, value);
    }
    ensure((await fetch(page)).ok, 'the page refused the code');
  };
  const result = await publicClient(notes).acquireTokenByDeviceCode({ scopes: ['User.Read'], deviceCodeCallback });
  ensure(result.account?.username === cloud.user, result.account);
  await reads(result.accessToken);
});

await check('an application reads by itself what an administrator gave it', async () => {
  const archive = await register({
    name: 'Archive',
    secret: SECRET,
    app_permissions: ['User.Read.All'],
    admin_consent: [cloud.tenant],
  });
  const { accessToken } = await confidentialClient(archive).acquireTokenByClientCredential({ scopes: DEFAULT });
  const { value } = await graph(accessToken).api('/users').top(3).get();
  ensure(value.length === 3, value);
  const closed = await thrown(() => graph(accessToken).api(`/users/${cloud.user}/messages`).get());
  ensure(closed instanceof GraphError && closed.statusCode === 403, closed);
});

await check('an API exchanges the token of its client', async () => {
  const api = await register({
    name: 'Notes API',
    secret: SECRET,
    permissions: ['User.Read'],
    api: { identifier: 'api://notes', scopes: ['Notes.Read'] },
  });
  const { accessToken: oboAssertion } = await signIn(publicClient(notes), ['api://notes/Notes.Read']);
  const result = await confidentialClient(api).acquireTokenOnBehalfOf({ oboAssertion, scopes: DEFAULT });
  await reads(result.accessToken);
});

end();
