/** Dark or light: as the system says, until somebody chooses. */
import { byId } from './dom.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');

export function startTheme(): void {
  const button = byId('theme');
  button.hidden = false;
  apply(remembered());
  dark.addEventListener('change', () => apply(remembered()));
  button.addEventListener('click', () => {
    const next = isDark() ? 'light' : 'dark';
    remember(next);
    apply(next);
  });

  function apply(theme: string | null): void {
    if (theme === null) document.documentElement.removeAttribute('data-theme');
    else document.documentElement.setAttribute('data-theme', theme);
    button.textContent = isDark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', isDark() ? 'Switch to light colours' : 'Switch to dark colours');
  }
}

function isDark(): boolean {
  const chosen = document.documentElement.getAttribute('data-theme');
  return chosen === null ? dark.matches : chosen === 'dark';
}

/** A browser may forbid to keep anything; the choice lasts as long as the page then. */
function remembered(): string | null {
  try {
    return localStorage.getItem('theme');
  } catch {
    return null;
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem('theme', theme);
  } catch {
    // See above.
  }
}
