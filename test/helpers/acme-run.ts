/** One run of acme.certificate as a new process would do it, by whatever clock the test sets: it knows only what is on the disk. */
import { isRefusal, stepsOf } from '../../engine/core/state.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import certificate from '../../engine/modules/acme/certificate.ts';
import { argumentsOf } from './apply.ts';

const usual = argumentsOf(certificate, { name: '/site.pem', domains: 'www.example.test' });

export interface CertificateRun {
  readonly ordered: boolean;
  readonly warnings: readonly string[];
}

/** Throws where the state would fail. Arguments are not checked, so `directory` may be without TLS. */
export async function runCertificate(given: {
  readonly directory: string;
  readonly [argument: string]: unknown;
}): Promise<CertificateRun> {
  const args = { ...usual, ...given };
  const host = createLocalHost();
  const plan = certificate.plan(args, await certificate.read(args, host, { id: 'site', sls: 'site' }));
  if (isRefusal(plan)) throw new Error(plan.refused);
  const warnings = 'steps' in plan ? [...(plan.warnings ?? [])] : [];
  for (const { effect } of stepsOf(plan)) {
    const performed = await host.perform(effect);
    if (performed.became === 'failed') throw new Error(performed.reason);
    if (performed.became === 'postponed') warnings.push(performed.warning);
  }
  return { ordered: stepsOf(plan).some(({ effect }) => effect.kind === 'acme'), warnings };
}
