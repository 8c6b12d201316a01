/**
 * Which paths a version may hold. A path that is harmless here may be read on Windows or macOS tomorrow, so a path has to be safe and
 * mean the same on every system. Pure and without imports: the client checks what it is about to write by the same rules.
 */

/** In bytes of UTF-8. */
const PATH_MAX = 1024
/** In bytes of UTF-8: what common file systems take for one name. */
const SEGMENT_MAX = 255

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
/** Characters that have no shape of their own. Variation selectors are not among them: they change the character before them. */
const INVISIBLE = /[[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]--[\ufe00-\ufe0f]]/v
const WINDOWS_CHARACTER = /[<>:"|?*]/
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\..*)?$/i

/**
 * What is wrong with a path, as the end of a sentence that begins with "path" ("has an empty segment …"), or undefined when it is
 * fine: relative, `/`-separated, NFC, at most 1,024 bytes, nothing that any system would read as more than a name.
 */
export function findPathProblem(path: string): string | undefined {
  if (path === '') return 'must not be empty'
  if (!path.isWellFormed()) return 'must be valid Unicode (it has a lone surrogate)'
  const bytes = utf8Length(path)
  if (bytes > PATH_MAX) return `must have at most ${PATH_MAX} bytes of UTF-8, not ${bytes}`
  if (path.startsWith('/')) return 'must be relative: it must not begin with "/"'
  if (path !== path.normalize('NFC')) return 'must be in Unicode normal form C (NFC)'
  for (const [index, segment] of path.split('/').entries()) {
    const problem = findSegmentProblem(segment)
    if (problem) return `${problem} (segment ${index + 1}${segment ? `, ${show(segment)}` : ''})`
  }
  return undefined
}

function findSegmentProblem(segment: string): string | undefined {
  if (segment === '') return 'must not have an empty segment'
  if (segment === '.' || segment === '..') return 'must not have a "." or ".." segment'
  if (utf8Length(segment) > SEGMENT_MAX) return `must not have a segment of more than ${SEGMENT_MAX} bytes`
  if (segment.includes('\\')) return 'must use "/" between segments, never a backslash'
  if (CONTROL.test(segment)) return 'must not contain control characters'
  if (BIDI.test(segment)) return 'must not contain characters that change the direction of text'
  if (/^[a-z]:/i.test(segment)) return 'must not begin with a drive letter'
  if (INVISIBLE.test(segment)) return 'must not contain characters that nobody sees'
  if (WINDOWS_CHARACTER.test(segment)) return 'must not contain a character that Windows reserves (< > : " | ? *)'
  if (WINDOWS_DEVICE.test(segment)) return 'must not use a device name that Windows reserves (such as CON, NUL or COM1)'
  if (/[. ]$/.test(segment)) return 'must not have a segment that ends in a dot or a space'
  return findReservedName(segment)
}

/** Of git, where a file named so is an order to the next `git` that runs there, and of the client itself. */
function findReservedName(segment: string): string | undefined {
  const name = foldSegment(segment)
  if (/^\.+$/.test(name)) return 'must not have a "." or ".." segment, nor one that some system reads so'
  if (name === '.git' || GIT_SHORT_NAME.test(name))
    return 'must not have a ".git" segment, nor one that some system reads so'
  if (name.startsWith(OWN_PREFIX) || OWN_SHORT_NAME.test(name)) {
    return `must not have a segment that begins with "${OWN_PREFIX}", as the client's own files do`
  }
  return undefined
}

/** Local files of the client whose names begin so are never part of a version. */
export const OWN_PREFIX = '.holotype-'
/** What NTFS calls `.git`, in eight characters, beside or instead of its name. */
const GIT_SHORT_NAME = /^(git|gi[0-9a-f]{4})~\d+$/
const OWN_SHORT_NAME = /^(holoty|ho[0-9a-f]{4})~\d+(\.|$)/

/**
 * A segment as the least exact file system may compare it: without case, marks, compatibility forms (ZFS), characters that nobody sees (HFS+),
 * and without the end that Windows drops (dots, spaces, the name of a stream).
 */
function foldSegment(segment: string): string {
  const bare = segment.normalize('NFKD').replace(/[\p{Default_Ignorable_Code_Point}\p{Mn}]/gu, '')
  return pathKey(bare)
    .replace(/:.*$/s, '')
    .trim()
    .replace(/(?<=[^. ])[. ]+$/, '')
}

/**
 * The folder that would be a git repository if these were its files, though no path has a `.git` in it: git takes a folder with a `HEAD`,
 * `objects` and `refs` for one, and its `config` may name programs to run. Undefined when there is none; the empty text is the root.
 */
export function findRepositoryFolder(paths: Iterable<string>): string | undefined {
  const heads = new Set<string>()
  const parts = new Set<string>()
  for (const path of paths) {
    const segments = pathKey(path).split('/')
    for (const [index, segment] of segments.entries()) {
      const folder = segments.slice(0, index).join('/')
      if (segment === 'head') heads.add(folder)
      if (REPOSITORY_PARTS.has(segment)) parts.add(`${folder}/${segment}`)
    }
  }
  const isRepository = (folder: string) =>
    parts.has(`${folder}/commondir`) || (parts.has(`${folder}/objects`) && parts.has(`${folder}/refs`))
  return [...heads].find(isRepository)
}

const REPOSITORY_PARTS = new Set(['objects', 'refs', 'commondir'])

/** The path as a file system that ignores case sees it: paths with the same key would be one file there. */
export function pathKey(path: string): string {
  // Up, then down: some letters (such as the long s) only meet others after both.
  return path.toUpperCase().toLowerCase().normalize('NFC')
}

/** The keys of the folders a path lies in: `a/b/c` gives `a` and `a/b`. None of them may be a file. */
export function folderKeys(key: string): string[] {
  const segments = key.split('/')
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'))
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}

function show(segment: string): string {
  return JSON.stringify(segment.slice(0, 40)).replace(
    /[\u007f-\uffff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
