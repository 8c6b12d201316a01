import { defineConfig } from 'vitest/config'
import { PlainReporter } from './test/support/plain-reporter.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    reporters: [new PlainReporter()],
    pool: 'forks',
    maxWorkers: 2,
    // Tests start real servers, so these leave room for a busy machine.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
})
