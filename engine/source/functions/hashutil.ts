/** Salt's module `hashutil`. */
import { bind } from '../jinja/arguments.ts';
import { base64Decode, digest, hmacDigest } from '../jinja/filters-hash.ts';
import { str } from '../jinja/printing.ts';
import { JinjaError } from '../jinja/values.ts';
import type { ContextFunction, FunctionModule } from './context.ts';

function oneText(name: string, apply: (text: string) => string): ContextFunction {
  return (_context, args, kwargs) => apply(str(bind(`hashutil.${name}`, ['instr!'], args, kwargs)[0]));
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** Python's base64.encodebytes: lines of 76 characters. */
function encodeLines(text: string): string {
  return encode(text).replace(/.{1,76}/g, '$&\n');
}

export const functions: FunctionModule = {
  digest: (_context, args, kwargs) => {
    const [text, checksum] = bind('hashutil.digest', ['instr!', 'checksum'], args, kwargs);
    const algorithm = str(checksum ?? 'md5');
    if (!['md5', 'sha1', 'sha256', 'sha384', 'sha512'].includes(algorithm)) {
      throw new JinjaError(`Hash function '${algorithm}' is not supported.`);
    }
    return digest(algorithm, str(text));
  },
  md5_digest: oneText('md5_digest', (text) => digest('md5', text)),
  sha256_digest: oneText('sha256_digest', (text) => digest('sha256', text)),
  sha512_digest: oneText('sha512_digest', (text) => digest('sha512', text)),
  base64_b64encode: oneText('base64_b64encode', encode),
  base64_b64decode: oneText('base64_b64decode', base64Decode),
  base64_encodestring: oneText('base64_encodestring', encodeLines),
  base64_decodestring: oneText('base64_decodestring', base64Decode),
  hmac_signature: (_context, args, kwargs) => {
    const names = ['string!', 'shared_secret!', 'challenge_hmac!'];
    const [text, secret, challenge] = bind('hashutil.hmac_signature', names, args, kwargs);
    return hmacDigest(str(text), str(secret), 'base64') === str(challenge);
  },
  hmac_compute: (_context, args, kwargs) => {
    const [text, secret] = bind('hashutil.hmac_compute', ['string!', 'shared_secret!'], args, kwargs);
    return hmacDigest(str(text), str(secret), 'hex');
  },
  digest_file: (context, args, kwargs) => {
    const [path, checksum] = bind('hashutil.digest_file', ['infile!', 'checksum'], args, kwargs);
    const content = context.host().content(str(path));
    if (content === undefined) throw new JinjaError(`There is no file ${str(path)}.`);
    return digest(str(checksum ?? 'md5'), content);
  },
};
