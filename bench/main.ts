/**
 * `npm run bench`: each figure of ours beside what this machine could do at best, measured in the same run, since machines differ and drift.
 * `npm run bench -- <name> …` runs only those, `npm run bench -- flat` all that have this word in their names. `--json` prints one JSON object a row, `--dir <path>` puts the data on another disk.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { archive } from './figures/archive.ts'
import { download } from './figures/download.ts'
import { durableCreate } from './figures/durable-create.ts'
import { flatPostgresql, flatSqlite } from './figures/flat.ts'
import { largeVersionPostgresql, largeVersionSqlite } from './figures/large-version.ts'
import { memory } from './figures/memory.ts'
import { metadataRead } from './figures/metadata-read.ts'
import { postgresqlRequests } from './figures/postgresql-requests.ts'
import { start } from './figures/start.ts'
import { upload } from './figures/upload.ts'
import type { Figure, Row } from './support/figure.ts'
import { describePinning } from './support/processes.ts'
import { formatTable, toRecord } from './support/table.ts'

const FIGURES: Figure[] = [
  metadataRead,
  durableCreate,
  postgresqlRequests,
  flatSqlite,
  flatPostgresql,
  largeVersionSqlite,
  largeVersionPostgresql,
  upload,
  download,
  archive,
  memory,
  start,
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, dir: { type: 'string', default: tmpdir() } },
})
const figures = positionals.length === 0 ? FIGURES : positionals.flatMap(getFigures)
tell(
  `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, Node ${process.version}, data in ${values.dir}`,
)
tell(describePinning())
const rows: Row[] = []
for (const figure of new Set(figures)) {
  const missing = figure.whyMissing?.()
  if (missing !== undefined) {
    tell(`skipping ${figure.name}: ${missing}`)
    continue
  }
  tell(`measuring ${figure.name}`)
  try {
    const measured = await inTemporaryDirectory(values.dir, dir => figure.measure(dir))
    if (values.json) for (const row of measured) process.stdout.write(`${JSON.stringify(toRecord(row))}\n`)
    rows.push(...measured)
  } catch (error) {
    // What the others have shown, or will, is true all the same.
    tell(`${figure.name} could not be measured: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
if (!values.json) process.stdout.write(`\n${formatTable(rows)}\n`)

/** The figure of this name, or all that have it as a word of theirs. */
function getFigures(name: string): Figure[] {
  const exact = FIGURES.filter(figure => figure.name === name)
  const found = exact.length > 0 ? exact : FIGURES.filter(figure => figure.name.split('-').includes(name))
  if (found.length > 0) return found
  tell(`there is no figure "${name}"; there are ${FIGURES.map(known => known.name).join(', ')}`)
  process.exit(1)
}

async function inTemporaryDirectory<T>(parent: string, work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(parent, 'holotype-bench-'))
  try {
    return await work(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Apart from the results, so that these can be piped on. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
