/**
 * Runs `task` on every item, `limit` of them at a time. The first failure stops the rest: `signal` tells the tasks under way, and when
 * all of them have ended the failure is thrown.
 */
export async function forEachParallel<T>(
  items: readonly T[],
  { limit, signal }: { limit: number; signal: AbortSignal },
  task: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const queue = items.values()
  const work = async () => {
    for (const item of queue) {
      stop.throwIfAborted()
      await task(item, stop)
    }
  }
  const workers = Array.from({ length: Math.min(limit, items.length) }, () =>
    work().catch(error => {
      failed.abort(error)
      throw error
    }),
  )
  const results = await Promise.allSettled(workers)
  if (results.some(result => result.status === 'rejected')) throw stop.reason
}
