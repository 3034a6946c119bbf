/** An authority that speaks ACME as RFC 8555 has it, and fails as a test wants it to: for what Pebble cannot do. */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { partsOf, sequence } from '../../engine/modules/acme/_der.ts';
import { createIssuer, type Wish } from './certificates.ts';

export interface Fault {
  readonly status: number;
  readonly type: string;
  readonly detail: string;
  readonly headers?: { readonly [name: string]: string };
}

export interface AcmeServer extends AsyncDisposable {
  readonly directory: string;
  /** Payloads, by the last part of the resource: `newOrder`. */
  readonly asked: { readonly resource: string; readonly payload: Record<string, unknown> }[];
  /** What it answers with instead, the next time that the resource is asked for. */
  readonly faults: Map<string, Fault>;
  /** How often a nonce is turned down before one is taken. */
  badNonces: number;
  /** What renewalInfo says, by id. */
  readonly windows: Map<string, { start: string; end: string }>;
  /** Milliseconds that certificates are valid for. */
  lifetime: number;
  /** What it issues, whatever was ordered. */
  instead: Partial<Wish>;
  readonly issued: string[];
  of(resource: string): Record<string, unknown>[];
}

export async function startAcmeServer(
  offered: { readonly profiles?: Record<string, string>; readonly ari?: boolean } = {},
): Promise<AcmeServer> {
  const issuer = createIssuer();
  const orders: { names: string[]; status: string; certificate?: string }[] = [];
  let base = '';
  let nonce = 0;
  let turnedDown = 0;
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const part of request) text += part;
    const [, resource = '', id = ''] = request.url!.split('/');
    const { payload = '' } = text === '' ? {} : JSON.parse(text);
    const data = payload === '' ? {} : JSON.parse(Buffer.from(payload, 'base64url').toString());
    function send(status: number, body: unknown, headers: Record<string, string> = {}): void {
      response.writeHead(status, { 'replay-nonce': `nonce${++nonce}`, ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    }
    const problem = ({ status, type, detail, headers = {} }: Fault) =>
      send(status, { type: `urn:ietf:params:acme:error:${type}`, detail }, headers);
    if (request.method === 'POST' && turnedDown < self.badNonces) {
      turnedDown += 1;
      return problem({ status: 400, type: 'badNonce', detail: 'a bad nonce' });
    }
    turnedDown = 0;
    if (request.method === 'POST') self.asked.push({ resource, payload: data });
    const fault = self.faults.get(resource);
    if (fault) {
      self.faults.delete(resource);
      return problem(fault);
    }
    const order = orders[Number(id)];
    const shown = () => ({
      status: order!.status,
      identifiers: order!.names.map((value) => ({ type: 'dns', value })),
      authorizations: order!.names.map((_, index) => `${base}/authz/${id}/${index}`),
      finalize: `${base}/finalize/${id}`,
      ...(order!.certificate ? { certificate: `${base}/cert/${id}` } : {}),
    });
    switch (resource) {
      case 'directory':
        return send(200, {
          ...Object.fromEntries(['newNonce', 'newAccount', 'newOrder'].map((one) => [one, `${base}/${one}`])),
          ...(offered.ari ? { renewalInfo: `${base}/renewalInfo` } : {}),
          meta: { profiles: offered.profiles },
        });
      case 'newNonce':
        return send(200, '');
      case 'newAccount':
        return send(201, { status: 'valid' }, { location: `${base}/account/1` });
      case 'newOrder': {
        const names = data.identifiers.map(({ value }: { value: string }) => value);
        orders.push({ names, status: 'pending' });
        return send(
          201,
          {
            status: 'pending',
            authorizations: names.map(
              (_: string, index: number) => `${base}/authz/${orders.length - 1}/${index}`,
            ),
            finalize: `${base}/finalize/${orders.length - 1}`,
          },
          { location: `${base}/order/${orders.length - 1}` },
        );
      }
      case 'order':
        return send(200, shown());
      case 'authz': {
        const value = order!.names[Number(request.url!.split('/')[3])]!.replace('*.', '');
        const challenges = ['dns-01', 'http-01'].map((type) => ({
          type,
          url: `${base}/challenge/${id}`,
          token: 'a-token_1',
          status: 'pending',
        }));
        const status = order!.status === 'pending' ? 'pending' : 'valid';
        return send(200, { status, identifier: { type: 'dns', value }, challenges });
      }
      case 'challenge':
        order!.status = 'ready';
        return send(200, {
          type: 'http-01',
          url: `${base}/challenge/${id}`,
          token: 'a-token_1',
          status: 'valid',
        });
      case 'finalize': {
        const key = keyOfRequest(Buffer.from(data.csr, 'base64url'));
        const from = Date.now() - 1000;
        const wish = { names: order!.names, key, from, until: from + self.lifetime };
        order!.certificate = issuer.issue({ ...wish, ...self.instead });
        order!.status = 'valid';
        self.issued.push(order!.certificate);
        return send(200, shown());
      }
      case 'cert':
        return send(200, order!.certificate!, { 'content-type': 'application/pem-certificate-chain' });
      case 'renewalInfo': {
        const window = self.windows.get(id);
        return window ? send(200, { suggestedWindow: window }) : send(404, {});
      }
      default:
        return send(404, {});
    }
  }

  const self: AcmeServer = {
    directory: `${base}/directory`,
    asked: [],
    faults: new Map(),
    badNonces: 0,
    windows: new Map(),
    lifetime: 90 * 86_400_000,
    instead: {},
    issued: [],
    of: (resource) => self.asked.filter((one) => one.resource === resource).map(({ payload }) => payload),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
  return self;
}

/** RFC 2986: version, subject, key. */
function keyOfRequest(request: Buffer) {
  const [outer] = partsOf(request);
  const fields = partsOf(partsOf(outer!.content)[0]!.content);
  return createPublicKey({ key: sequence(fields[2]!.content), format: 'der', type: 'spki' });
}

export function serialOf(pem: string): string {
  return new X509Certificate(pem).serialNumber;
}
