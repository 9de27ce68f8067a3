/** Rules of this code base that no package has. */

const textAttributes = new Set([
  'aria-label',
  'aria-description',
  'aria-valuetext',
  'title',
  'placeholder',
  'alt',
  'label',
]);
const textCalls = new Set(['announce', 'toast']);

function hasWords(value) {
  return typeof value === 'string' && /\p{L}/u.test(value);
}

/** A string, or a template, that somebody wrote down as text. */
function isLiteralText(node) {
  if (!node) return false;
  if (node.type === 'Literal') return hasWords(node.value);
  if (node.type === 'TemplateLiteral') return node.quasis.some((quasi) => hasWords(quasi.value.cooked));
  if (node.type === 'JSXExpressionContainer') return isLiteralText(node.expression);
  if (node.type === 'ConditionalExpression') return isLiteralText(node.consequent) || isLiteralText(node.alternate);
  if (node.type === 'LogicalExpression') return isLiteralText(node.right);
  return false;
}

const noLiteralText = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { text: 'Text belongs into src/lib/i18n/en.ts; write t("area.item") here.' },
  },
  create: (context) => ({
    JSXText(node) {
      if (hasWords(node.value)) context.report({ node, messageId: 'text' });
    },
    JSXExpressionContainer(node) {
      const inElement = node.parent.type === 'JSXElement' || node.parent.type === 'JSXFragment';
      if (inElement && isLiteralText(node)) context.report({ node, messageId: 'text' });
    },
    JSXAttribute(node) {
      if (textAttributes.has(node.name.name) && isLiteralText(node.value)) context.report({ node, messageId: 'text' });
    },
    CallExpression(node) {
      if (textCalls.has(node.callee.name) && isLiteralText(node.arguments[0]))
        context.report({ node, messageId: 'text' });
    },
  }),
};

/** Every piece of text that could be a list of classes or a style. */
function onStrings(check) {
  return {
    Literal(node) {
      if (typeof node.value === 'string' && node.parent.type !== 'ImportDeclaration') check(node, node.value);
    },
    TemplateElement(node) {
      check(node, node.value.cooked ?? '');
    },
  };
}

const colour =
  /#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b(?!;)|\b(?:rgba?|hsla?|oklch|oklab)\(|(?:^|[\s:])(?:bg|text|border|ring|fill|stroke|from|to|via|outline|decoration|shadow)-(?:(?:white|black)\b|[a-z]+-(?:50|[1-9]00|950)\b|\[#)/i;

const tokensOnly = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { colour: 'Colours come from the tokens in src/app/styles/tokens.css (bg-s1, text-text-2, …).' },
  },
  create: (context) =>
    onStrings((node, value) => {
      if (colour.test(value)) context.report({ node, messageId: 'colour' });
    }),
};

const physical =
  /(?:^|[\s:])-?(?:ml|mr|pl|pr|left|right|border-l|border-r|rounded-l|rounded-r|rounded-tl|rounded-tr|rounded-bl|rounded-br|scroll-ml|scroll-mr)-(?!hand)[\w[]|(?:^|[\s:])(?:text|float)-(?:left|right)\b/;
const physicalStyles = new Set(['marginLeft', 'marginRight', 'paddingLeft', 'paddingRight']);

const logicalOnly = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      side: 'Write the logical side (ms-, me-, ps-, pe-, start-, end-), so that it mirrors in right-to-left languages.',
    },
  },
  create: (context) => ({
    ...onStrings((node, value) => {
      if (physical.test(value)) context.report({ node, messageId: 'side' });
    }),
    Property(node) {
      const name = node.key.name ?? node.key.value;
      if (physicalStyles.has(name)) context.report({ node, messageId: 'side' });
    },
  }),
};

const kebabCase = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { name: 'File names are kebab-case: "live-player.tsx".' },
  },
  create: (context) => ({
    Program(node) {
      const name = context.filename.split('/').at(-1) ?? '';
      if (!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)+$/.test(name)) context.report({ node, messageId: 'name' });
    },
  }),
};

export const klieg = {
  rules: {
    'no-literal-text': noLiteralText,
    'tokens-only': tokensOnly,
    'logical-only': logicalOnly,
    'kebab-case': kebabCase,
  },
};
