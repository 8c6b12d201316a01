import { findPathProblem, findRepositoryFolder, pathKey } from '../../domain/file-path.ts'

/** What is wrong with names that a version can't hold, one sentence for each. */
export function findNameProblems(files: ReadonlyArray<{ path: string }>): string[] {
  const problems: string[] = []
  const known = new Map<string, { path: string }>()
  for (const local of files) {
    const { path } = local
    const problem = findPathProblem(path)
    if (problem !== undefined) problems.push(`the path "${path}" ${problem}`)
    const other = known.get(pathKey(path))
    if (other) problems.push(explainTwins(other, local))
    known.set(pathKey(path), local)
  }
  const repository = findRepositoryFolder(known.keys())
  if (repository === undefined) return problems
  const where = repository === '' ? 'the folder itself' : `the folder "${repository}"`
  return [...problems, `${where} is a git repository, in which git would run what it names`]
}

function explainTwins(one: { path: string }, other: { path: string }): string {
  if (one.path !== other.path) return `the paths "${one.path}" and "${other.path}" differ only in case`
  return `two files have the path "${one.path}": their names differ only in how accents are encoded (Unicode NFC and NFD)`
}
