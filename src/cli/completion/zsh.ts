import type { Place } from './places.ts'

export function completeZsh(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => quote(path))
  const cases = places.map(({ path, commands, options, takesFile }) => {
    const describe = (all: Array<{ names: string[]; description: string }>) =>
      all.flatMap(({ names, description }) => names.map(name => quote(`${name}:${description}`))).join(' ')
    return `    ${quote(path)}) commands=(${describe(commands)}); flags=(${describe(options)}); files=${takesFile ? 1 : 0} ;;`
  })
  const choices = places.flatMap(({ path, options }) =>
    options
      .filter(option => option.choices.length > 0)
      .map(({ names, choices }) => {
        const labels = names.map(name => quote(`${path}:${name}`)).join('|')
        return `    ${labels}) compadd -- ${choices.map(quote).join(' ')}; return ;;`
      }),
  )
  return `#compdef holotype
# Completion of holotype in zsh: source <(holotype completion zsh)
_holotype() {
  local place="" next files=0 word
  local -a commands flags
  for word in \${words[2,CURRENT-1]}; do
    next="\${place:+$place }$word"
    case "$next" in
      ${paths.join('|')}) place="$next" ;;
    esac
  done
  case "$place:\${words[CURRENT-1]}" in
${choices.join('\n')}
  esac
  case "$place" in
${cases.join('\n')}
  esac
  if [[ "$PREFIX" == -* ]]; then
    _describe -o option flags
  elif (( \${#commands} )); then
    _describe command commands
  elif (( files )); then
    _files
  fi
}
if [[ "$zsh_eval_context[-1]" == loadautofunc ]]; then
  _holotype "$@"
else
  compdef _holotype holotype
fi
`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
