// Runs the program from V8's code cache beside it, which was made at build time by a run like those to come.
// V8 rejects the cache of another Node; then everything is compiled afresh, slower but otherwise the same.
'use strict';
const { readFileSync } = process.getBuiltinModule('node:fs');
const { Script, constants } = process.getBuiltinModule('node:vm');

const file = `${__dirname}/main.cjs`;
let cachedData;
try {
  cachedData = readFileSync(`${__dirname}/main.cache`);
} catch {}
// The bundle is pure ASCII; read as Latin-1, its text takes one byte a letter in memory too.
const script = new Script(readFileSync(file, 'latin1'), {
  filename: file,
  cachedData,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
script.runInThisContext().call(exports, exports, require, module, file, __dirname);
