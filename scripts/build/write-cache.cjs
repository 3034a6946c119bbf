// Loaded by --require before start.cjs at build time: writes the code cache once the program has run.
'use strict';
const { writeFileSync } = require('node:fs');
const vm = require('node:vm');

let program;
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    program ??= this;
  }
};
process.on('exit', () => writeFileSync(process.env.CONVERGE_CODE_CACHE, program.createCachedData()));
