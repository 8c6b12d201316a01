/** How far a transfer is, on a terminal. Where stderr is none, or after `--quiet`, nothing is written. */
import type { Cli } from '../context.ts'
import { showBytes } from '../show.ts'

/** The rate is that of the last few seconds. */
const WINDOW_MS = 5000

export interface Progress extends Disposable {
  /** Negative when bytes have to come again. */
  add(bytes: number): void
}

export interface ProgressOptions {
  /** What it is called when all bytes are there and something is still to come. */
  atEnd?: string
}

/** `total` is in bytes. */
export async function showProgress(
  cli: Cli,
  label: string,
  total: number,
  { atEnd = label }: ProgressOptions = {},
): Promise<Progress> {
  const { stderr, env } = cli.io
  const isWanted = stderr.isTTY && !cli.flags.quiet && env['TERM'] !== 'dumb' && total > 0
  if (!isWanted) return { add() {}, [Symbol.dispose]() {} }
  const { default: cliProgress } = await import('cli-progress')
  const rate = createRate()
  let done = 0
  const bar = new cliProgress.SingleBar({
    stream: stderr,
    clearOnComplete: true,
    // The cursor stays as it is: whatever ends this process, the terminal needs no repair.
    hideCursor: null,
    gracefulExit: false,
    format: (_options, params) => {
      const perSecond = rate(done)
      const now = done < total ? label : atEnd
      return layOut({ label: now, share: params.progress, done, total, perSecond, room: (stderr.columns ?? 80) - 1 })
    },
  })
  bar.start(total, 0)
  return {
    add(bytes) {
      done += bytes
      bar.update(done)
    },
    [Symbol.dispose]: () => bar.stop(),
  }
}

interface State {
  label: string
  /** From 0 to 1. */
  share: number
  /** In bytes. */
  done: number
  total: number
  perSecond: number
  /** In columns. */
  room: number
}

const BAR_MIN = 6
const BAR_MAX = 24

/** All of it where there is room; else first the bar becomes shorter, and last of all the size and the rate go. */
export function layOut({ label, share, done, total, perSecond, room }: State): string {
  const percent = `${Math.floor(share * 100)}%`
  const moved = `${showBytes(done)} of ${showBytes(total)}`
  const speed = `${showBytes(perSecond)}/s`
  const left = perSecond > 0 ? `, ${showDuration((total - done) / perSecond)} left` : ''
  const bar = Math.min(BAR_MAX, room - `${label} [] ${moved}, ${speed}${left}`.length)
  const filled = Math.floor(share * Math.max(bar, 0))
  const lines = [
    ...(bar >= BAR_MIN ? [`${label} [${'#'.repeat(filled).padEnd(bar, '-')}] ${moved}, ${speed}${left}`] : []),
    `${label} ${percent} ${moved}, ${speed}${left}`,
    `${label} ${percent} ${moved}, ${speed}`,
    `${percent} ${moved}, ${speed}`,
    `${percent} ${showBytes(done)}, ${speed}`,
  ]
  return lines.find(line => line.length <= room) ?? percent
}

/** Told how much is done now, answers how much was done per second lately. */
function createRate(): (done: number) => number {
  const samples: Array<{ at: number; done: number }> = []
  return done => {
    const at = performance.now()
    samples.push({ at, done })
    while (samples.length > 2 && at - (samples[0]?.at ?? at) > WINDOW_MS) samples.shift()
    const first = samples[0] ?? { at, done }
    return at === first.at ? 0 : Math.max(0, ((done - first.done) * 1000) / (at - first.at))
  }
}

function showDuration(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
