import { expect, test } from 'vitest'
import { run } from './support.ts'

/** Every command is in here by its own help: whoever changes the command line sees in the snapshot what users will see. */
test('the help of every command is as it was', async () => {
  const pages: string[] = []
  const visit = async (words: string[]) => {
    const { code, stdout, stderr } = await run([...words, '--help'])
    expect({ code, stderr }, words.join(' ')).toEqual({ code: 0, stderr: '' })
    pages.push(stdout.trimEnd())
    // A noun has verbs, and a verb has nothing below it.
    if (words.length === 2) return
    for (const command of findCommands(stdout)) await visit([...words, command])
  }
  await visit([])
  expect(pages.length).toBeGreaterThan(40)
  await expect(`${pages.join('\n\n----\n\n')}\n`).toMatchFileSnapshot('help.snapshot.txt')
})

/** The first words of the lines below the headings that stand over commands. */
function findCommands(help: string): string[] {
  return help
    .split('\n\n')
    .filter(
      section =>
        !/^(Usage|Arguments|Options|Shared options|First steps|Short forms|Put this[^:]*|Exit codes|Help):/.test(
          section,
        ),
    )
    .flatMap(section => [...section.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name))
}
