/** How long an upload in parts waits for the next of them, in ms. */
export const IDLE_MS = 24 * 60 * 60_000

/** How long the outcome of an upload in parts can be asked for, in ms. */
export const KEEP_ENDED_MS = 24 * 60 * 60_000

/** How long the URL of a part can be used, in ms. */
export const PART_URL_MS = 60 * 60_000
