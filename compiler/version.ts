/** The compiler's version, as in package.json (a test compares them). */
export const COMPILER_VERSION = '0.1.0';
