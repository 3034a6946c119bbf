import { expect } from 'chai';
import { packagesOf, readGroups } from '../../../engine/modules/pkg/_groups.ts';

/** dnf 4.14: `dnf -C -v group info --hidden '*'`. */
export const recorded = `Loaded plugins: builddep, changelog, versionlock
DNF version: 4.14.0
cachedir: /var/cache/dnf
repo: using cache for: lab
lab: using metadata from Mon Nov 23 00:17:59 2026.
Excludes from versionlock plugin were not applied
Environment Group: Lab Env
 Environment-Id: lab-env
 Description: x
 Mandatory Groups:
   Lab Group
 Optional Groups:
   Other Group
Group: Other Group
 Group-Id: other
 Description: first lineMandatory Packages:  evil
 Mandatory Packages:
   alpha-2:0.9-1.noarch                                                      lab
Group: Lab Group
 Group-Id: labgrp
 Description: x
 Mandatory Packages:
   one-1.0-1.noarch                                                      @System
 Default Packages:
   notthere
   two-1.0-1.noarch                                                      lab    
 Optional Packages:
   gamma
 Conditional Packages:
   alpha-2:0.9-1.noarch                                                  lab    
`;

describe('groups of dnf', () => {
  const groups = readGroups(recorded);

  it('bring what is mandatory or default, and to be had', () => {
    expect(groups.map(({ id, name }) => [id, name])).to.deep.equal([
      ['lab-env', 'Lab Env'],
      ['other', 'Other Group'],
      ['labgrp', 'Lab Group'],
    ]);
    expect(packagesOf('labgrp', groups)).to.deep.equal(['one', 'two']);
    expect(packagesOf('other', groups)).to.deep.equal(['alpha']);
  });

  it('are found by id or name, as dnf writes them too', () => {
    for (const name of ['Lab Group', '@labgrp', 'lab-env', '@^lab-env', 'Lab Env'])
      expect(packagesOf(name, groups), name).to.deep.equal(['one', 'two']);
    expect(packagesOf('nosuch', groups)).to.equal(undefined);
  });
});
