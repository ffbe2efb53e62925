// A certified OpenID provider (oidc-provider) with made-up accounts, for the tests of sign-in.
// Started by tests/support/openid_provider.py: node provider.mjs PORT REDIRECT_URI CLIENT_ID SECRET.
// POST /made-up says what is to be so from now on:
//   {"accounts": {"masha": {"given_name": ...}}}  who is known, with which claims
//   {"lie": "issuer"}                              what is wrong with the next ID tokens; "" nothing
//   {"seconds": 9}                                 so long each answer takes
//   {"rotate": true}                               new keys; the old ones are gone
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

import { SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader } from 'jose';
import { Provider } from 'oidc-provider';

const [port, redirectUri, clientId, clientSecret] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const claims = ['given_name', 'family_name', 'email', 'school', 'groups', 'park_name'];

let accounts = {};
let lie = '';
let seconds = 0;
let generation = 0;
let key;
let provider;

function newKey() {
  generation += 1;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: `key-${generation}`, alg: 'RS256', use: 'sig' };
}

// What a provider could say wrongly, or somebody in its place.
const lies = {
  issuer: (said) => ({ ...said, iss: 'http://127.0.0.1:1' }),
  audience: (said) => ({ ...said, aud: 'somebody-else' }),
  party: (said) => ({ ...said, aud: [clientId, 'somebody-else'], azp: 'somebody-else' }),
  nonce: (said) => ({ ...said, nonce: 'of-another-sign-in' }),
  'no-nonce': ({ nonce, ...said }) => said,
  expired: (said) => ({ ...said, iat: said.iat - 7200, exp: said.iat - 3600 }),
  stranger: (said) => said,
  secret: (said) => said,
  unsigned: (said) => said,
};

async function told(token) {
  const said = lies[lie](decodeJwt(token));
  const { kid } = decodeProtectedHeader(token);
  if (lie === 'unsigned') return new UnsecuredJWT(said).encode();
  if (lie === 'secret') {
    return new SignJWT(said).setProtectedHeader({ alg: 'HS256', kid }).sign(Buffer.from(clientSecret));
  }
  const signer = lie === 'stranger' ? newKey() : key;
  return new SignJWT(said).setProtectedHeader({ alg: 'RS256', kid }).sign(signer);
}

function start() {
  key = newKey();
  provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], profile: claims },
    cookies: { keys: ['made-up'] },
    jwks: { keys: [key] },
    pkce: { required: () => true },
    findAccount: (_ctx, id) => accounts[id] && {
      accountId: id,
      claims: () => ({ sub: id, ...accounts[id] }),
    },
    // Nobody is asked whether the park may know: schools decide that for their pupils.
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    await next();
    if (lie && ctx.path === '/token' && ctx.body?.id_token) {
      ctx.body = { ...ctx.body, id_token: await told(ctx.body.id_token) };
    }
  });
}

async function change(request) {
  const wanted = JSON.parse((await Array.fromAsync(request)).join(''));
  accounts = wanted.accounts ?? accounts;
  lie = wanted.lie ?? lie;
  seconds = wanted.seconds ?? seconds;
  if (wanted.rotate) start();
}

start();
createServer(async (request, response) => {
  if (request.url === '/made-up') {
    await change(request);
    response.end();
  } else {
    await wait(seconds * 1000);
    provider.callback()(request, response);
  }
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
