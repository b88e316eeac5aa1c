export default { globs: ['component/**/*.ts'], litelement: true, packagejson: false, outdir: 'dist' };
