/** A refusal that only HTTP knows of, such as a range outside a file. The message is meant for the caller. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly statusCode: number

  constructor(statusCode: number, message: string, cause?: unknown) {
    super(message, { cause })
    this.statusCode = statusCode
  }
}
