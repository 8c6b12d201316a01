/** Which files of a folder are pushed: options first, then `.holotypeignore` files, the innermost first, then what may hold secrets. */
import { join } from 'node:path'
import { openPlainFile } from '../../client/open-plain-file.ts'
import { usageError } from '../errors.ts'
import { explainFileError } from '../file-errors.ts'
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
  const text = await readShortText(file)
  const patterns = createPatterns(text.replace(/^\ufeff/, '').split(/\r?\n/))
  return createRules(selection, [
    ...layers,
    path => (path.startsWith(prefix) && path.length > prefix.length ? patterns(path.slice(prefix.length)) : undefined),
  ])
}

/** Longer than anybody writes by hand; in bytes. */
const TEXT_MAX = 1024 * 1024

/** Never waits for a pipe, never reads without end. Throws a `CliError`. */
async function readShortText(file: string): Promise<string> {
  try {
    await using handle = await openPlainFile(file)
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(TEXT_MAX + 1), 0, TEXT_MAX + 1, 0)
    if (bytesRead > TEXT_MAX) throw usageError(`${file} is longer than ${TEXT_MAX} bytes`)
    return buffer.toString('utf8', 0, bytesRead)
  } catch (error) {
    const explained = explainFileError(error)
    throw explained ? usageError(`the rules for what is left out can't be read: ${explained.message}`) : error
  }
}
