import { readdirSync } from 'node:fs';
import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { klieg } from './eslint/klieg-plugin.js';

const features = readdirSync(new URL('./src/features', import.meta.url));

const relative = {
  regex: '^\\.',
  message: 'Import by the alias: "@/lib/…". So a move never rewrites a path, and the direction can be checked.',
};
const hls = {
  regex: '^hls\\.js',
  message: 'Only src/lib/player/hls-engine.ts knows hls.js. Use the Player of @/lib/player/player.',
};

function imports(...patterns) {
  return { 'no-restricted-imports': ['error', { patterns: [relative, ...patterns] }] };
}

const noApp = {
  regex: '^@/app',
  message: 'Nothing imports the app: it composes the rest. Take a prop or a slot instead.',
};
const noFeatures = {
  regex: '^@/features',
  message: 'Components and libraries know no feature. Move what is shared down, or pass it in.',
};
const noComponents = {
  regex: '^@/components',
  message: 'Libraries draw nothing. Return data; let a component show it.',
};
const noReact = {
  regex: '^(react|react-dom|@tanstack|react-router)(/|$)',
  message: 'A model is a pure reducer: no React, no I/O. Put effects into hooks/ and pass the clock in.',
};

export default tseslint.config(
  { ignores: ['dist', 'node_modules'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreVoidReturningFunctions: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Engines that have nothing to do for a call still have to answer it.
      '@typescript-eslint/no-empty-function': ['error', { allow: ['methods', 'arrowFunctions'] }],
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true, boolean: true } }],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { klieg, 'react-hooks': reactHooks },
    extends: [jsxA11y.flatConfigs.strict],
    rules: {
      ...reactHooks.configs.recommended.rules,
      'klieg/kebab-case': 'error',
      'klieg/no-literal-text': 'error',
      'klieg/tokens-only': 'error',
      'klieg/logical-only': 'error',
      'no-console': 'error',
      'max-lines-per-function': ['error', { max: 150, skipComments: true, skipBlankLines: true }],
      'max-lines': ['error', { max: 500 }],
      complexity: ['error', 15],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name, so that a thing has one name everywhere.' },
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that has it.' },
      ],
      ...imports(hls),
    },
  },
  { files: ['src/lib/**', 'src/api/**'], rules: imports(hls, noApp, noFeatures, noComponents) },
  { files: ['src/components/**'], rules: imports(hls, noApp, noFeatures) },
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**`],
    rules: imports(hls, noApp, {
      regex: `^@/features/(?!${feature}/)`,
      message: 'No feature imports another: compose them in src/app, or move what they share down.',
    }),
  })),
  {
    files: ['src/lib/**/model/**'],
    ignores: ['**/*.test.*'],
    rules: imports(hls, noApp, noFeatures, noComponents, noReact),
  },
  {
    files: ['src/lib/player/hls-engine{,.test}.ts', 'src/lib/player/hls-light.d.ts'],
    rules: imports(noApp, noFeatures, noComponents),
  },
  {
    // hls.js gives its light build no declarations; these re-export the full ones.
    files: ['**/*.d.ts'],
    rules: { 'no-restricted-syntax': 'off', '@typescript-eslint/consistent-indexed-object-style': 'off' },
  },
  {
    files: ['**/*.test.{ts,tsx}', 'src/test/**'],
    rules: { 'klieg/no-literal-text': 'off', 'klieg/tokens-only': 'off', 'max-lines-per-function': 'off' },
  },
  {
    files: ['scripts/**', 'e2e/**', 'eslint/**', '*.js', 'src/boot/**'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        document: 'readonly',
        localStorage: 'readonly',
        matchMedia: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        window: 'readonly',
        performance: 'readonly',
      },
    },
    rules: { 'no-console': 'off' },
  },
);
