import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Runs `node ...args` in this process's place: same input and output, signals passed on. Resolves to its exit code.
 * The channel between the two tells the other process when this one is killed; with `onMessage` it can also report back on it.
 */
export function runOn(node, args, onMessage) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    if (onMessage) child.on('message', onMessage)
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : code))
  })
}
