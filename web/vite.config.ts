import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { bootScript } from './vite/boot-script';

const daemon = process.env.KLIEG_DEV_DAEMON ?? 'http://localhost:8080';
// The UI and the daemon share one origin in production; the proxy keeps that true in development.
const daemonPaths = ['/api', '/assets', '/chat', '/live', '/whip', '/whep'];

export default defineConfig({
  plugins: [react(), tailwindcss(), bootScript('src/boot/theme.js')],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
    },
  },
  server: {
    proxy: Object.fromEntries(daemonPaths.map((path) => [path, { target: daemon, ws: true }])),
  },
  build: {
    target: 'es2022',
    // "/assets/" belongs to uploaded pictures.
    assetsDir: 'static',
    // Inlined data: URLs would need a wider CSP and defeat caching.
    assetsInlineLimit: 0,
    // "static/" keeps the manifest that the size check reads beside what it describes.
    manifest: 'static/manifest.json',
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        manualChunks: (id) => {
          if (/node_modules\/(@radix-ui|@floating-ui|react-remove-scroll|aria-hidden)/.test(id)) return 'ui';
          if (/node_modules\/(react|react-dom|scheduler|react-router)\//.test(id)) return 'framework';
          return undefined;
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}', 'vite/**/*.test.ts'],
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    css: false,
  },
});
