/** The unit of `converge watch`, as the state that installs it and the watch itself know it. */

export const watchUnit = 'converge-watch.service';

export const watchUnitFile = `/etc/systemd/system/${watchUnit}`;

/** Variable by which a process knows the text of the unit that it was started by. */
export const watchStamp = 'CONVERGE_UNIT';

/** What the text of a unit says that this variable is; undefined where it says nothing. */
export function stampIn(unit: string): string | undefined {
  return new RegExp(`^Environment=${watchStamp}=(\\w+)$`, 'm').exec(unit)?.[1];
}
