/** The page's start: trades the token of the address for a session, then shows the app. */

import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { openSession } from './api.ts';
import './style.css';

// The address of a server that was started again, pasted into a tab that is open, changes no more than the fragment.
addEventListener('hashchange', () => location.reload());

const root = createRoot(document.querySelector('#app')!);

try {
  await openSession(location.hash.slice(1));
  // The token does not stay in the address bar. The browser may have noted the address before; it is good while the server runs.
  history.replaceState(null, '', '/');
  root.render(<App />);
} catch (error) {
  root.render(
    <main className="closed">
      <h1>dor explore</h1>
      <p role="alert">{(error as Error).message}</p>
    </main>,
  );
}
