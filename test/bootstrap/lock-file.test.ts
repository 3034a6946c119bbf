import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { top } from './sandbox.ts';

interface Locked {
  readonly devDependencies?: { readonly [name: string]: string };
  readonly resolved?: string;
  /** A folder of ours. */
  readonly link?: boolean;
  readonly dependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
}

describe('package-lock.json', () => {
  const { packages } = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')) as {
    packages: { readonly [path: string]: Locked };
  };

  // npm leaves out what the registry of whoever ran it lacks, and then `npm ci` refuses the file everywhere.
  it('lists every package that another one depends on, those of other platforms too', () => {
    for (const [path, { dependencies, optionalDependencies }] of Object.entries(packages)) {
      for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
        const nested = `${path}/node_modules/${name}`;
        expect(packages, `${name} of ${path}`).to.satisfy(
          () => nested in packages || `node_modules/${name}` in packages,
        );
      }
    }
  });

  it('asks for the same as package.json', () => {
    const wanted = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as Locked;
    expect(packages['']?.dependencies).to.deep.equal(wanted.dependencies);
    expect(packages['']?.devDependencies).to.deep.equal(wanted.devDependencies);
  });

  it('names no registry, so that the machine’s own npm settings decide', () => {
    expect(Object.values(packages).flatMap((one) => (one.link ? [] : (one.resolved ?? [])))).to.deep.equal(
      [],
    );
  });
});
