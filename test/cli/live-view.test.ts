/** The line of a watch on a terminal, and what is printed above it. */
import { expect } from 'chai';
import { liveView } from '../../engine/cli/live-view.ts';
import type { Streams } from '../../engine/cli/main.ts';

interface Screen {
  text: string;
}

function on(screen: Screen, isTTY: boolean): Streams {
  const stream = {
    isTTY,
    columns: 40,
    write(text: string) {
      screen.text += text;
    },
  };
  return { stdout: stream, stderr: stream, env: {}, cwd: '/', uid: 0 };
}

/** What is left to see: lines that were erased are gone. */
function seen({ text }: Screen): string {
  return text.replace(/\r[^\r\n]*\r\x1b\[2K/g, '');
}

describe('the live view', () => {
  it('shows one line, which is gone before anything else is printed', async () => {
    const screen: Screen = { text: '' };
    const view = liveView(on(screen, true));
    await new Promise((resolve) => setTimeout(resolve, 70));
    view.show('idle: 3 paths');
    expect(screen.text).to.equal('\ridle: 3 paths');
    view.streams.stderr.write('something happened\n');
    expect(seen(screen)).to.equal('something happened\n');
  });

  it('is cut to the width of the terminal, and shows nothing that drives it', async () => {
    const screen: Screen = { text: '' };
    const view = liveView(on(screen, true));
    await new Promise((resolve) => setTimeout(resolve, 70));
    view.show(`\x1b[31m${'x'.repeat(100)}\n`);
    expect(screen.text).to.match(/^\r\\x1b\[31mx+…$/);
    expect(screen.text.length).to.be.at.most(41);
  });

  it('is nothing where there is no terminal', () => {
    const screen: Screen = { text: '' };
    const view = liveView(on(screen, false));
    view.show('idle');
    view.clear();
    expect(screen.text).to.equal('');
  });
});
