import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // The server puts each answer's own nonce in its place (src/explore/server.ts).
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Files lie at an address that only the server knows; what is asked for by name would not be found.
    modulePreload: false,
    chunkSizeWarningLimit: 1500,
  },
});
