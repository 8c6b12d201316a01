/** Which files of a folder are pushed: options first, then `.holotypeignore` files, the innermost first, then what may hold secrets. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { usageError } from '../errors.ts'
import { createPatterns, isPlainName, type SelectionOptions, type Verdict } from '../patterns.ts'
import { hasSecretContent, isSecretName } from './secrets.ts'

export const IGNORE_FILE = '.holotypeignore'

export interface LeftOut {
  /** In the folder; that of a folder ends in a slash, and stands for all in it. */
  path: string
  reason: 'tool' | 'ignored' | 'excluded' | 'secret'
}

type Reason = LeftOut['reason'] | 'not-included'

export interface Rules {
  /** Undefined when there is something to look for in it. */
  judgeFolder(path: string): LeftOut['reason'] | undefined
  /** Undefined when it goes into the version. */
  judgeFile(path: string, file: string): Promise<Reason | undefined>
  /** What the `.holotypeignore` files say, the outermost first. */
  layers: Array<(path: string) => Verdict>
  selection: SelectionOptions
}

export function createRules(selection: SelectionOptions, layers: Rules['layers'] = []): Rules {
  const { include, exclude = [] } = selection
  const included = include && createPatterns(include)
  const excluded = createPatterns(exclude)
  // What is named outright is meant, whatever else would leave it out.
  const plainNames = include?.filter(isPlainName) ?? []
  const named = createPatterns(plainNames)
  const readLayers = (path: string): Verdict => {
    for (const layer of layers.toReversed()) {
      const verdict = layer(path)
      if (verdict !== undefined) return verdict
    }
    return undefined
  }
  return {
    layers,
    selection,
    judgeFolder(path) {
      if (excluded(path) === 'out') return 'excluded'
      if (plainNames.length > 0) return undefined
      const verdict = readLayers(path)
      if (verdict === 'out') return 'ignored'
      return verdict === undefined && isSecretName(path) ? 'secret' : undefined
    },
    async judgeFile(path, file) {
      if (excluded(path) === 'out') return 'excluded'
      if (included && included(path) !== 'out') return 'not-included'
      if (named(path) === 'out') return undefined
      const verdict = readLayers(path)
      if (verdict === 'out') return 'ignored'
      if (verdict === 'in') return undefined
      return isSecretName(path) || (await hasSecretContent(path, file)) ? 'secret' : undefined
    },
  }
}

/** The same rules with those of the ignore file of a folder, which hold below it. Throws a `CliError`. */
export async function withIgnoreFile(
  { layers, selection }: Rules,
  { folder, prefix }: { folder: string; prefix: string },
): Promise<Rules> {
  const file = join(folder, IGNORE_FILE)
  const text = await readFile(file, 'utf8').catch(error => {
    throw usageError(`${file} can't be read: ${error.message}`)
  })
  const patterns = createPatterns(text.replace(/^\ufeff/, '').split(/\r?\n/))
  return createRules(selection, [
    ...layers,
    path => (path.startsWith(prefix) && path.length > prefix.length ? patterns(path.slice(prefix.length)) : undefined),
  ])
}
