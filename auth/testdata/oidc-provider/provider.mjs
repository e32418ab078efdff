// An OpenID provider that nobody here wrote, for provider_test.go.
//
// It listens on a free loopback port and speaks with the test in lines: a command
// on standard input, a JSON object on standard output.
//   (at start)  {"issuer": "http://127.0.0.1:PORT"}
//   rotate      new signing keys, the old ones are gone
//   counts      requests per path so far
//   stop        closes the port        start   opens it again
// It ends when standard input does.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const resource = 'urn:vitrine';
const opaque = 'urn:vitrine-opaque'; // access tokens for it are not JWTs
const people = {
  alice: { email: 'alice@example.com', email_verified: true, groups: ['bi-analysts', 'all'] },
  mallory: { email: 'mallory@example.com', email_verified: false, groups: [] },
};

function signingKey(kind, options, alg) {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg };
}

function makeProvider(issuer) {
  const provider = new Provider(issuer, {
    jwks: {
      keys: [
        signingKey('rsa', { modulusLength: 2048 }, 'RS256'),
        signingKey('ec', { namedCurve: 'P-256' }, 'ES256'),
        signingKey('ed25519', {}, 'EdDSA'),
      ],
    },
    clients: [
      {
        client_id: 'front-end',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['https://front-end.example/callback'],
      },
      {
        client_id: 'machine',
        client_secret: 'machine-secret-of-the-test',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
      },
      {
        client_id: 'vitrine server', // a blank, a colon and a plus have to be encoded
        client_secret: 'secret of: the+server',
        grant_types: [],
        response_types: [],
        redirect_uris: [],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    cookies: { keys: [randomUUID()] },
    ttl: { RefreshToken: 3600, AccessToken: 3600, ClientCredentials: 3600, IdToken: 3600, Grant: 3600, Interaction: 3600, Session: 3600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (ctx, client) => client.clientId === 'vitrine server' },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (ctx, indicator) => ({
          scope: 'read',
          audience: 'vitrine',
          accessTokenFormat: indicator === opaque ? 'opaque' : 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    issueRefreshToken: async () => true,
    extraTokenClaims: (ctx, token) => people[token.accountId],
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope('openid email');
      grant.addResourceScope(resource, 'read');
      grant.addResourceScope(opaque, 'read');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  return async (req, res) => {
    if (!req.url.startsWith('/interaction/')) return answer(req, res);
    // Whoever is named in login_hint is signed in: the test has no one to type.
    const { params } = await provider.interactionDetails(req, res);
    return provider.interactionFinished(req, res, { login: { accountId: params.login_hint } });
  };
}

const counts = {};
let handle;
const server = createServer((req, res) => {
  const path = req.url.split('?')[0];
  counts[path] = (counts[path] ?? 0) + 1;
  handle(req, res).catch((err) => {
    console.error(err);
    res.writeHead(500).end();
  });
});
const say = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);
const listen = (port) => new Promise((done) => server.listen(port, '127.0.0.1', done));

await listen(0);
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;
handle = makeProvider(issuer);
say({ issuer });

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'rotate') handle = makeProvider(issuer);
  if (line === 'start') await listen(port);
  if (line === 'stop') {
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
  }
  say(line === 'counts' ? counts : { done: line });
}
process.exit(0);
