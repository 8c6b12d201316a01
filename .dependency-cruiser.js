// The walls between the folders of src/, as `npm run check:walls` enforces them. Every arrow points down:
// main -> cli -> app -> http, jobs -> registry -> metadata, blobs.

const tests = '[.]test[.]ts$'
/** The commands of the machine that keeps the data: they open the registry itself, not through a server. */
const localCommands = '^src/cli/commands/(serve|verify|sweep|backup|restore|migrate-to|key/create-local)[.]ts$'

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
    wall('domain-imports-nothing', '^src/domain/', ['^src/domain/']),
    wall('metadata-imports-domain', '^src/metadata/', ['^src/(metadata|domain)/']),
    wall('blobs-import-domain', '^src/blobs/', ['^src/(blobs|domain)/']),
    wall('registry-imports-metadata-blobs-domain', '^src/registry/', ['^src/(registry|metadata|blobs|domain)/']),
    wall('a-door-imports-no-other-door', '^src/http/([^/]+)/', [
      '^src/(registry|domain)/',
      '^src/http/[^/]+[.]ts$',
      '^src/http/$1/',
    ]),
    wall('doors-share-no-door', '^src/http/[^/]+[.]ts$', ['^src/(registry|domain)/', '^src/http/[^/]+[.]ts$']),
    wall('jobs-import-registry', '^src/jobs/', ['^src/(jobs|registry|domain)/']),
    wall('backup-imports-registry', '^src/backup/', [
      '^src/(backup|registry|metadata|blobs|domain)/',
      '^src/(config|data-dir)([.]ts$|/)',
    ]),
    {
      name: 'only-its-commands-use-backup',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/backup/', localCommands] },
      to: { path: '^src/backup/' },
    },
    wall('cli-imports-client-and-domain', '^src/cli/', ['^src/(cli|client|domain)/'], [localCommands]),
    wall('client-imports-domain', '^src/client/', ['^src/(client|domain)/']),
    {
      name: 'only-app-chooses-the-store',
      comment: 'A backup is a local directory, whatever store the registry uses.',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/app[.]ts$', '^src/(backup|data-dir)/', '^src/blobs/'] },
      to: { path: '^src/blobs/(local|s3)/' },
    },
    {
      name: 'the-s3-client-is-loaded-when-it-is-used',
      comment: 'It is large, and most registries never need it.',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/blobs/s3/'] },
      to: { path: '^src/blobs/s3/|node_modules/@aws-sdk/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-app-chooses-the-database',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/app[.]ts$', '^src/(backup|data-dir)/', '^src/metadata/'] },
      to: { path: '^src/metadata/(sqlite|postgresql)/' },
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
