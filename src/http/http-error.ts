interface HttpErrorOptions {
  cause?: unknown
  /** What the answer says beside its words, such as when to try again. */
  headers?: Record<string, string>
}

/** A refusal that only HTTP knows of, such as a range outside a file. The message is meant for the caller. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly statusCode: number
  readonly headers: Record<string, string>

  constructor(statusCode: number, message: string, { cause, headers = {} }: HttpErrorOptions = {}) {
    super(message, { cause })
    this.statusCode = statusCode
    this.headers = headers
  }
}
