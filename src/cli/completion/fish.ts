import type { Place } from './places.ts'

export function completeFish(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => quote(path))
  const lines = places.flatMap(({ path, commands, options, takesFile }) => {
    const at = `complete -c holotype -n ${quote(`__holotype_at ${quote(path)}`)}`
    return [
      `${at} ${takesFile ? '-F' : '-f'}`,
      ...commands.flatMap(({ names, description }) =>
        names.map(name => `${at} -a ${quote(name)} -d ${quote(description)}`),
      ),
      ...options.map(({ names, description, choices, takesValue }) => {
        const flags = names
          .map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
          .join(' ')
        const values = choices.length > 0 ? ` -f -a ${quote(choices.join(' '))}` : ''
        return `${at} ${flags}${takesValue ? ' -r' : ''}${values} -d ${quote(description)}`
      }),
    ]
  })
  return `# Completion of holotype in fish: holotype completion fish | source
function __holotype_at
  set -l place ""
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$place $word")
    if contains -- "$next" ${paths.join(' ')}
      set place $next
    end
  end
  test "$place" = "$argv[1]"
end
${lines.join('\n')}
`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
