import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { createGunzip } from 'node:zlib'
import tar from 'tar-stream'

/** Unpacks the `.tar.gz` file at `url` into a directory. */
export async function unpack(url: URL, directory: string): Promise<void> {
  const extract = createReadStream(fileURLToPath(url)).pipe(createGunzip()).pipe(tar.extract())
  for await (const entry of extract) {
    const path = join(directory, entry.header.name)
    if (entry.header.type === 'directory') {
      await mkdir(path, { recursive: true })
      entry.resume()
      continue
    }
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, await buffer(entry))
  }
}
