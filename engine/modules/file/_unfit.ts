/** Data, options or text that a format of file.serialize cannot take. */

/** The message is a sentence for the user. */
export class Unfit extends Error {}
