import { en, type Catalogue, type Plural } from '@/lib/i18n/en';

export type TextKey = keyof Catalogue;

type ParametersIn<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParametersIn<Rest>
  : never;
type TextOf<K extends TextKey> = Catalogue[K] extends Plural ? Catalogue[K]['one' | 'other'] : Catalogue[K];
type ParameterNames<K extends TextKey> = TextOf<K> extends string ? ParametersIn<TextOf<K>> : never;
type Arguments<K extends TextKey> = [ParameterNames<K>] extends [never]
  ? []
  : [parameters: Record<ParameterNames<K>, string | number>];

const plurals = new Intl.PluralRules('en');
const numbers = new Intl.NumberFormat();

function pick(text: string | Plural, parameters: Record<string, string | number>): string {
  if (typeof text === 'string') return text;
  const count = parameters.count;
  return typeof count === 'number' && plurals.select(count) === 'one' ? text.one : text.other;
}

/** The catalogue's text for a key. Missing or misspelt parameters do not compile. */
export function t<K extends TextKey>(key: K, ...[given]: Arguments<K>): string {
  const parameters: Record<string, string | number> = given ?? {};
  return pick(en[key], parameters).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = parameters[name];
    return typeof value === 'number' ? numbers.format(value) : (value ?? whole);
  });
}
