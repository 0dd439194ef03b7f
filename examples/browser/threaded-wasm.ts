import type { Plugin } from 'vite';

const FILE = /tfjs-backend-wasm-threaded-simd\.js$/;
const HEAD = /return \(\s*function\(WasmBackendModuleThreadedSimd\) \{/;

/**
 * A Vite plugin that lets the threads of tfjs's WebAssembly backend start from a minified bundle.
 *
 * The backend gives each thread the source text of one of its functions, which asks for a variable that is declared around it:
 * minified, the text has a new name for it that means nothing in the thread. Here the function gets a variable of its own, unset, as
 * it is in any worker.
 */
export function threadedWasm(): Plugin {
  return {
    name: 'threaded-wasm',
    transform(code, id) {
      if (!FILE.test(id)) return undefined;
      if (!HEAD.test(code)) this.error('this version of the WebAssembly backend is built in another way');
      return { code: code.replace(HEAD, (head) => `${head} var _scriptDir;`), map: null };
    },
  };
}
