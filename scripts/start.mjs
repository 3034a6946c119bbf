/** Starts the program of a checkout with V8's compile cache, so that TypeScript is stripped and compiled once. */
import { enableCompileCache } from 'node:module';

enableCompileCache(new URL('../.runtime/cache', import.meta.url).pathname);
await import('./entry.ts');
