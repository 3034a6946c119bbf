/** The shape that readers of JUnit XML agree on, checked by hand: they publish no schema that all of them keep. */
import { expect } from 'chai';
import { type Node, parseXml } from './xml.ts';

const counts = ['tests', 'failures', 'errors', 'skipped'] as const;

/** The elements of each element, in this order. */
const children: { readonly [name: string]: readonly string[] } = {
  testsuites: ['testsuite'],
  testsuite: ['testcase'],
  testcase: ['skipped', 'error', 'failure', 'system-out'],
};

const attributes: { readonly [name: string]: readonly string[] } = {
  testsuites: ['name', ...counts, 'time'],
  testsuite: ['name', ...counts, 'time', 'timestamp', 'hostname'],
  testcase: ['classname', 'name', 'time'],
  failure: ['message', 'type'],
  error: ['message', 'type'],
  skipped: ['message'],
  'system-out': [],
};

/** The root of a sound report. */
export function readJunit(document: string): Node {
  expect(document).to.match(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/);
  const root = parseXml(document);
  expect(root.name).to.equal('testsuites');
  check(root);
  for (const count of counts) {
    const sum = root.children.reduce((total, suite) => total + Number(suite.attributes[count]), 0);
    expect(Number(root.attributes[count]), count).to.equal(sum);
  }
  for (const suite of root.children) {
    expect(Number(suite.attributes['tests'])).to.equal(suite.children.length);
    for (const [count, name] of [
      ['failures', 'failure'],
      ['errors', 'error'],
      ['skipped', 'skipped'],
    ] as const) {
      const found = suite.children.filter((one) => one.children.some((child) => child.name === name));
      expect(Number(suite.attributes[count]), `${count} of ${suite.attributes['name']}`).to.equal(
        found.length,
      );
    }
    expect(suite.attributes['timestamp']).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  }
  return root;
}

function check(node: Node): void {
  expect(Object.keys(node.attributes), node.name).to.include.members([...attributes[node.name]!]);
  const more = Object.keys(node.attributes).filter((name) => !attributes[node.name]!.includes(name));
  expect(node.name === 'testcase' ? more.filter((name) => !/^(file|line)$/.test(name)) : more).to.deep.equal(
    [],
  );
  if ('time' in node.attributes) expect(node.attributes['time']).to.match(/^\d+\.\d{3}$/);
  expect(
    node.children.map(({ name }) => name).filter((name) => !(children[node.name] ?? []).includes(name)),
  ).to.deep.equal([]);
  if (node.name === 'testcase') expect(node.children.length).to.be.at.most(1);
  node.children.forEach(check);
}

/** All cases, by their names: what became of them, and the text that goes with it. */
export function casesOf(
  root: Node,
): Map<string, { became: string; message: string; text: string; node: Node }> {
  return new Map(
    root.children.flatMap((suite) =>
      suite.children.map((node) => {
        const [child] = node.children;
        const became = child === undefined || child.name === 'system-out' ? 'passed' : child.name;
        return [
          node.attributes['name']!,
          { became, message: child?.attributes['message'] ?? '', text: child?.text ?? '', node },
        ] as const;
      }),
    ),
  );
}
