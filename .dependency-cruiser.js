// The walls between the folders of src/, as `npm run check:walls` enforces them. Every arrow points down:
// main -> cli -> app -> http, jobs -> registry -> metadata, blobs.

const tests = '[.]test[.]ts$'
const sharedRules = '^src/registry/(files/file-path|aliases/alias-name)[.]ts$'
const adminCommands = '^src/cli/commands/(serve|verify|backup|restore)[.]ts$'

/** Files under `from` may import from src/ only what is under `allowed`. */
const wall = (name, from, allowed, exceptFrom = []) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: [tests, ...exceptFrom] },
  to: { path: '^src/', pathNot: allowed },
})

export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    wall('registry-stands-on-metadata-and-blobs', '^src/registry/', ['^src/(registry|metadata|blobs)/']),
    wall('metadata-stands-alone', '^src/metadata/', ['^src/(metadata|registry)/']),
    wall('blobs-stand-alone', '^src/blobs/', ['^src/(blobs|registry)/']),
    {
      name: 'only-types-from-registry',
      severity: 'error',
      from: { path: '^src/(metadata|blobs)/', pathNot: tests },
      to: { path: '^src/registry/', dependencyTypesNot: ['type-only'] },
    },
    wall('doors-stand-on-registry', '^src/http/([^/]+)/', ['^src/registry/', '^src/http/[^/]+[.]ts$', '^src/http/$1/']),
    wall('http-stands-on-registry', '^src/http/[^/]+[.]ts$', ['^src/registry/', '^src/http/']),
    wall('jobs-stand-on-registry', '^src/jobs/', ['^src/(jobs|registry)/']),
    wall('backup-stands-on-registry', '^src/backup/', [
      '^src/(backup|registry|metadata|blobs)/',
      '^src/(config|data-dir)[.]ts$',
    ]),
    {
      name: 'only-its-commands-use-backup',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/backup/', '^src/cli/commands/(backup|restore)[.]ts$'] },
      to: { path: '^src/backup/' },
    },
    wall('cli-speaks-through-client', '^src/cli/', ['^src/(cli|client)/', sharedRules], [adminCommands]),
    wall('client-stands-alone', '^src/client/', ['^src/client/', sharedRules]),
    {
      name: 'shared-rules-are-pure',
      comment: 'The client and the CLI share it, and must not carry the server along.',
      severity: 'error',
      from: { path: sharedRules },
      to: { path: '^src/(metadata|blobs)/', reachable: true },
    },
    {
      name: 'only-app-chooses-the-store',
      comment: 'A backup is a local directory, whatever store the registry uses.',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/app[.]ts$', '^src/backup/'] },
      to: { path: '^src/blobs/local-store[.]ts$' },
    },
    {
      name: 'nothing-points-back-up',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/main[.]ts$', '^src/cli/'] },
      to: { path: ['^src/(main|app)[.]ts$', '^src/cli/'] },
    },
    {
      name: 'no-development-package',
      comment: 'It would be missing from an installed package.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Sees `import type` too, which the compiler would drop.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
}
