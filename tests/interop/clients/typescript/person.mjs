// The person at the browser, and what the client remembers for them. Both official clients take the same interface.

/**
 * An OAuth client provider with a client ID that is registered beforehand. Its "browser" opens the authorization
 * address, chooses the account and consents, and reads the redirect instead of following it.
 */
export class Person {
  #clientId;
  #redirectUri;
  #user;
  #state;
  #tokens;
  #verifier;
  #discovery;

  /** Parameters of the last redirect back. */
  callback = new URLSearchParams();

  constructor({ clientId, redirectUri }, user) {
    this.#clientId = clientId;
    this.#redirectUri = redirectUri;
    this.#user = user;
  }

  get redirectUrl() {
    return this.#redirectUri;
  }

  get clientMetadata() {
    return {
      client_name: 'connector-interop',
      redirect_uris: [this.#redirectUri],
      token_endpoint_auth_method: 'none',
    };
  }

  state() {
    this.#state = crypto.randomUUID();
    return this.#state;
  }

  clientInformation() {
    return { client_id: this.#clientId };
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens) {
    this.#tokens = tokens;
  }

  saveCodeVerifier(verifier) {
    this.#verifier = verifier;
  }

  codeVerifier() {
    return this.#verifier;
  }

  saveDiscoveryState(state) {
    this.#discovery = state;
  }

  discoveryState() {
    return this.#discovery;
  }

  async redirectToAuthorization(authorizationUrl) {
    const page = new URL(authorizationUrl);
    page.searchParams.set('user', this.#user);
    page.searchParams.set('consent', 'yes');
    const answer = await fetch(page, { redirect: 'manual' });
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`the sign-in page answered ${answer.status} without a redirect`);
    const redirect = new URL(location);
    if (`${redirect.origin}${redirect.pathname}` !== this.#redirectUri) throw new Error(`sent to ${redirect}`);
    if (redirect.searchParams.get('state') !== this.#state) throw new Error('the state is not ours');
    this.callback = redirect.searchParams;
  }
}
