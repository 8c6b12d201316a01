import type { Place } from './places.ts'

/** Names of commands and options are letters and hyphens, so none needs a quote. */
export function completeBash(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`)
  const choices = places.flatMap(({ path, options }) =>
    options
      .filter(option => option.choices.length > 0)
      .map(({ names, choices }) => {
        const labels = names.map(name => `"${path}:${name}"`).join('|')
        return `    ${labels}) COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$current")); return ;;`
      }),
  )
  const cases = places.map(({ path, commands, options, takesFile }) => {
    const words = commands.flatMap(command => command.names).join(' ')
    const flags = options.flatMap(option => option.names).join(' ')
    return `    "${path}") words="${words}"; flags="${flags}"; files=${takesFile ? 1 : 0} ;;`
  })
  return `# Completion of holotype in bash: source <(holotype completion bash)
_holotype() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place="" next words="" flags="" files=0 index
  for ((index = 1; index < COMP_CWORD; index++)); do
    next="\${place:+$place }\${COMP_WORDS[index]}"
    case "$next" in
      ${paths.join('|')}) place="$next" ;;
    esac
  done
  COMPREPLY=()
  case "$place:$before" in
${choices.join('\n')}
  esac
  case "$place" in
${cases.join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif [[ -n "$words" ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  elif [[ "$files" == 1 ]]; then
    compopt -o filenames 2>/dev/null
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -F _holotype holotype
`
}
