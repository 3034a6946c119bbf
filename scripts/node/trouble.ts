/** What keeps a bootstrap from going on: told to the user, with what helps. */
export class Trouble extends Error {
  readonly hints: readonly string[];
  constructor(message: string, ...hints: readonly string[]) {
    super(message);
    this.hints = hints;
  }
}
