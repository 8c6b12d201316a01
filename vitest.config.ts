import { defineConfig } from 'vitest/config'
import { PlainReporter } from './test/support/plain-reporter.ts'
import { findPostgresql, NO_POSTGRESQL } from './test/support/postgresql-server.ts'

const everything = ['test/**/*.test.ts', 'src/**/*.test.ts']
const noPostgresql = findPostgresql() === undefined ? NO_POSTGRESQL : undefined

/** Where no database is behind what is tested, or where the registry's own is not. */
const withoutDatabase = [
  'src/**',
  'test/blobs/**',
  'test/backup/damage-report.test.ts',
  'test/cli/{exit-codes,help,hostile-answers,hostile-parts,hostile-registry,in-between,optional-state,proxy-settings,safe-pull,signals}.test.ts',
  'test/{docs,first-install,launcher,openapi,package,readme}.test.ts',
  'test/proxies/**',
  'test/support/**',
]

/** What is promised about SQLite's own files, locks and plans. */
const aboutSqlite = ['test/**/sqlite/**', 'test/metadata/prepared.test.ts']

const s3Server = 'test/support/versitygw-project.ts'

const aboutPostgresql = ['test/**/postgresql/**']

export default defineConfig({
  test: {
    reporters: [new PlainReporter({ defaultProject: 'sqlite', skippedProjects: { postgresql: noPostgresql } })],
    pool: 'forks',
    // Tests wait for servers, disks and clocks half of their time.
    maxWorkers: 4,
    // Tests start real servers, so these leave room for a busy machine.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    projects: [
      {
        extends: true,
        test: { name: 'sqlite', include: everything, exclude: aboutPostgresql, globalSetup: s3Server },
      },
      {
        extends: true,
        test: {
          // Each transaction runs twice: one that does anything outside its handle shows.
          name: 'rerun',
          include: ['test/v1/**/*.test.ts', 'test/access/**/*.test.ts', 'test/support/rerunning-database.test.ts'],
          globalSetup: s3Server,
          env: { HOLOTYPE_TEST_RERUN: 'yes' },
        },
      },
      {
        extends: true,
        test: {
          name: 'postgresql',
          include: everything,
          exclude: [...withoutDatabase, ...aboutSqlite],
          globalSetup: ['test/support/postgresql-project.ts', s3Server],
          setupFiles: 'test/support/postgresql-worker.ts',
          // No name matches, so every test is skipped.
          ...(noPostgresql !== undefined && { testNamePattern: /(?!)/ }),
        },
      },
    ],
  },
})
