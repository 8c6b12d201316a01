/**
 * The parts of a tar archive around the bytes of its files (POSIX.1-2001, "pax"). Their lengths follow from names and sizes alone, so the
 * length of an archive is known before any of it is read.
 */

const BLOCK = 512
/** Longer names, and those that are not ASCII, stand in an extended header before their own. */
const NAME_MAX = 100
/** Larger sizes don't fit into eleven octal digits, and are written in base 256, as GNU tar does. */
const OCTAL_SIZE_MAX = 0o77777777777

/** After the last file. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK)

export interface TarEntry {
  path: string
  /** In bytes. */
  size: number
  /** In whole seconds since 1970. */
  mtime: number
}

/** How many bytes a file takes in an archive: header, content and padding. */
export function entryLength({ path, size }: Pick<TarEntry, 'path' | 'size'>): number {
  const content = BLOCK + roundUp(size)
  return isPlainName(path) ? content : content + BLOCK + roundUp(Buffer.byteLength(pathRecord(path)))
}

/** All that stands before the content of a file. */
export function entryHeader({ path, size, mtime }: TarEntry): Buffer {
  if (isPlainName(path)) return header({ name: path, size, mtime, type: '0' })
  const record = Buffer.from(pathRecord(path))
  return Buffer.concat([
    header({ name: 'PaxHeader', size: record.length, mtime, type: 'x' }),
    record,
    padding(record.length),
    header({ name: 'PaxHeader', size, mtime, type: '0' }),
  ])
}

/** What follows the content of a file. */
export function padding(size: number): Buffer {
  return END_OF_ARCHIVE.subarray(0, roundUp(size) - size)
}

function roundUp(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK
}

function isPlainName(path: string): boolean {
  // As many bytes as characters: ASCII.
  return path.length <= NAME_MAX && Buffer.byteLength(path) === path.length
}

/** `<length> path=<path>\n`, where the length counts its own digits. */
function pathRecord(path: string): string {
  const rest = ` path=${path}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes + String(bytes).length
  if (bytes + String(length).length !== length) length = bytes + String(length).length
  return `${length}${rest}`
}

interface Header {
  name: string
  size: number
  mtime: number
  /** `0`: a file; `x`: an extended header for the file after it. */
  type: '0' | 'x'
}

/** Of user and group 0, with mode 0644. What is not written stays NUL, which ends a field. */
function header({ name, size, mtime, type }: Header): Buffer {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0, 'latin1')
  block.write('000644 ', 100, 'latin1')
  block.write('000000 ', 108, 'latin1')
  block.write('000000 ', 116, 'latin1')
  writeSize(block, size)
  block.write(`${octal(mtime, 11)} `, 136, 'latin1')
  // The checksum is taken as if its own eight bytes were blanks.
  block.write(`        ${type}`, 148, 'latin1')
  block.write('ustar', 257, 'latin1')
  block.write('00', 263, 'latin1')
  block.write('000000 ', 329, 'latin1')
  block.write('000000 ', 337, 'latin1')
  block.write(`${octal(sum(block), 6)}\0 `, 148, 'latin1')
  return block
}

function writeSize(block: Buffer, size: number): void {
  if (size <= OCTAL_SIZE_MAX) block.write(`${octal(size, 11)} `, 124, 'latin1')
  else {
    block.writeUInt8(0x80, 124)
    block.writeBigUInt64BE(BigInt(size), 128)
  }
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

function sum(block: Buffer): number {
  let total = 0
  for (const byte of block) total += byte
  return total
}
