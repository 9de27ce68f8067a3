// The light build has the same interface as the full one but brings no declarations.
declare module 'hls.js/light' {
  export * from 'hls.js';
  export { default } from 'hls.js';
}
