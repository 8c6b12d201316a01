/** In each process that runs a test file on PostgreSQL: says so to `startRegistry`, which would use SQLite otherwise. */
import { inject } from 'vitest'
import { NO_POSTGRESQL } from './postgresql-server.ts'

process.env['HOLOTYPE_TEST_POSTGRESQL'] = inject('postgresql') ?? `(${NO_POSTGRESQL})`
