import { createHash } from 'node:crypto'
import { Command } from 'commander'
import { IntegrityError } from '../../../client/errors.ts'
import { openDownload } from '../../../client/open-download.ts'
import { toRequestError } from '../../../client/transport.ts'
import { findPathProblem } from '../../../domain/file-path.ts'
import type { ClientCommand } from '../../context.ts'
import { usageError } from '../../errors.ts'
import { findVersion } from '../../find-model.ts'

export const catFile: ClientCommand = cli =>
  new Command('cat')
    .description('put the bytes of a file on stdout; fails when they prove wrong on the way')
    .argument('<model[@version]>', 'a model, and a version number or alias; `latest` when left out')
    .argument('<path>', 'the path of the file in the version')
    .action(async (text: string, path: string) => {
      if (cli.flags.json) {
        throw usageError(
          'the bytes of a file are no JSON',
          'Leave --json out; `holotype file list --json` tells about files.',
        )
      }
      const problem = findPathProblem(path)
      if (problem) throw usageError(`the path ${problem}`)
      const { model, version } = await findVersion(await cli.client(), text)
      const connection = await cli.connection()
      const address = { modelId: model.id, version: version.version, path }
      const { body, sha256: expected } = await openDownload(connection, { ...address, signal: cli.signal })
      if (expected === undefined)
        throw new IntegrityError(`nothing says which sha256 "${path}" has; a proxy may have taken it off`)
      const hash = createHash('sha256')
      try {
        for await (const chunk of body as AsyncIterable<Buffer>) {
          hash.update(chunk)
          if (!(await cli.write(chunk))) return
        }
      } catch (error) {
        throw cli.signal.aborted ? cli.signal.reason : toRequestError(connection, error)
      }
      const sha256 = hash.digest('hex')
      if (sha256 !== expected) throw new IntegrityError(`"${path}" came with the sha256 ${sha256}, not ${expected}`)
    })
