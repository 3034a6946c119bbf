/** What CouchDB answers instead of doing what it was asked for. */
export class Refused extends Error {
  readonly status: number;
  readonly error: string;
  constructor(status: number, error: string, reason: string) {
    super(reason);
    this.status = status;
    this.error = error;
  }
}

export const conflict = () => new Refused(409, 'conflict', 'Document update conflict.');

export const notFound = (reason: string) => new Refused(404, 'not_found', reason);

export const nodeDown = (name: string) => new Refused(412, 'nodedown', `${name} is down`);
