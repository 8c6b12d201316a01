/**
 * A registry below a path, as in `https://example.com/models`. What is in front of it may take the path away from each request or leave it: both
 * reach the same routes. All links in answers come from the public URL or are relative.
 */
import type { Door } from './door.ts'

/** The path of the public URL, such as `/models`; empty at the root of its host. */
export function basePathOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '')
}

/** The URL of a request as the routes know it. */
export function withoutBasePath(basePath: string, url: string): string {
  if (!url.startsWith(basePath)) return url
  const rest = url.slice(basePath.length)
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : url
}

/** The same doors, found below the path too: for where there is only the URL that was sent. */
export function findableBelow(basePath: string, doors: Door[]): Door[] {
  if (basePath === '') return doors
  return doors.map(door => ({
    ...door,
    prefixes: [...door.prefixes, ...door.prefixes.map(prefix => `${basePath}${prefix}`)],
  }))
}

/** The paths at the root that belong to no door. */
const OWN_PATHS = ['/livez', '/readyz', '/metrics', '/openapi.json', '/docs']

/** The first path of our own that the base path begins with: then a request for one can't be told from a request below the other. */
export function findTakenPath(basePath: string, doors: Door[]): string | undefined {
  const taken = [...OWN_PATHS, ...doors.flatMap(({ prefixes }) => prefixes)]
  return taken.find(path => basePath === path || basePath.startsWith(`${path}/`))
}
