/** The beacons there are, each loaded when it is wanted. */
import type { BeaconName } from '../core/watch.ts';
import type { AnyBeacon } from './beacon.ts';

const table: { readonly [name in BeaconName]: () => Promise<{ default: AnyBeacon }> } = {
  files: () => import('./beacons/files.ts'),
  service: () => import('./beacons/service.ts'),
  srv: () => import('./beacons/srv.ts'),
  network: () => import('./beacons/network.ts'),
  health: () => import('./beacons/health.ts'),
  timer: () => import('./beacons/timer.ts'),
  cert: () => import('./beacons/cert.ts'),
  git: () => import('./beacons/git.ts'),
  retry: () => import('./beacons/retry.ts'),
};

export const beaconNames = Object.keys(table) as readonly BeaconName[];

export async function loadBeacon(name: BeaconName): Promise<AnyBeacon> {
  return (await table[name]()).default;
}
